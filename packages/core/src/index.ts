/**
 * One typed API for jobs over many backends.
 * @module
 */
export type { Backend, Health } from './contract/backend.ts'
export type { Features } from './contract/features.ts'
export type { BackendFailure, BackendFailureCode } from './contract/failure.ts'
export type { Finished, Inspector, ListQuery, Page, QueueCounts } from './contract/inspector.ts'
export type { FinalState, JobId, JobRecord, JobState, Ms, Timestamp } from './contract/job.ts'
export type { Limits } from './contract/limits.ts'
export type { Cancellation, Operator, PurgeRequest } from './contract/operator.ts'
export { defineJob, type JobDefinition, type JobOptions, type LinkMap } from './definition/define-job.ts'
export type { JobInfo } from './definition/job-info.ts'
export type { NewJobOptions } from './definition/new-job.ts'
export { type, type Schema } from './definition/schema.ts'
export { withoutCredentials } from './encoding/credentials.ts'
export { describeError, type DescribedError } from './encoding/described-error.ts'
export { BackendError } from './errors/backend-error.ts'
export { ClosedError } from './errors/closed-error.ts'
export { JobportError } from './errors/jobport-error.ts'
export {
  JobCancelledError,
  JobCrashedError,
  JobDeadError,
  JobNotFoundError,
  JobTimeoutError,
  LeaseLostError,
  ResultTimeoutError,
  ShutdownError,
  UnknownJobError,
  UnsettledError,
} from './errors/job-error.ts'
export { OptionError, UnsupportedError } from './errors/option-error.ts'
export { InvalidValueError, type Issue } from './errors/schema-error.ts'
export { memoryBackend, type MemoryBackend } from './memory/memory-backend.ts'
export { memoryStore, type MemoryStore } from './memory/memory-store.ts'
export type { MemoryBackendOptions } from './memory/options.ts'
export type { MemoryTransaction } from './memory/transaction.ts'
export type { JobOutcome, NotifyEvent, NotifyRule, Recipient, Severity } from './notify/rule.ts'
export type { EnqueueOptions } from './queue/gate.ts'
export { createQueue, type Enqueuer, type Queue, type QueueOptions } from './queue/queue.ts'
export type { BareTicket, Receipt, ResultOptions, Ticket, TicketOf } from './queue/ticket.ts'
export { exponential, fixed, linear, type Backoff, type BackoffFunction } from './retry/backoff.ts'
export { RetryLater, Snooze, Unrecoverable } from './retry/control.ts'
export type { JobPolicyOptions, KeepOptions, RetryOptions } from './retry/policy.ts'
export type { StoredFeatures } from './store/features.ts'
export type { WithStoreOptions } from './store/options.ts'
export { withStore } from './store/with-store.ts'
export type { Duration } from './time/duration.ts'
export type { Failure, WorkerEvents } from './worker/events.ts'
export type { Instrumentation, JobHeaders, Sending, Sent } from './worker/instrumentation.ts'
export {
  handle,
  handleMany,
  type ActiveJob,
  type BatchJob,
  type Handler,
  type HandlerContext,
  type LogLine,
} from './worker/handling/handler.ts'
export type { WorkerOptions } from './worker/options.ts'
export { createWorker, type CloseOptions, type RunOptions, type Worker } from './worker/worker.ts'
