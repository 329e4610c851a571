/**
 * The notify contract: what a notifier is built on.
 * @module
 */
export type { Backend } from './contract/backend.ts'
export type { Features } from './contract/features.ts'
export type { Inspector } from './contract/inspector.ts'
export type { FinalState, JobId, JobRecord, Ms, Timestamp } from './contract/job.ts'
export type { JobDefinition } from './definition/define-job.ts'
export { recordInfo, type JobInfo } from './definition/job-info.ts'
export { checkKnown } from './definition/known-options.ts'
export type { DescribedError } from './encoding/described-error.ts'
export { OptionError, UnsupportedError } from './errors/option-error.ts'
export {
  NOTIFICATION_QUEUE,
  notificationJob,
  UPKEEP_QUEUE,
  type DeliveryPolicy,
  type Digest,
  type DigestGroup,
  type Notification,
} from './notify/notification.ts'
export type { JobOutcome, NotifyEvent, NotifyRule, Recipient, Severity } from './notify/rule.ts'
export { createQueue, type Queue } from './queue/queue.ts'
export { RetryLater, Snooze, Unrecoverable } from './retry/control.ts'
export { sleep, systemClock, type Clock } from './time/clock.ts'
export type { Runtime as WorkerRuntime } from './time/runtime.ts'
export { toMs, toPositiveMs, type Duration } from './time/duration.ts'
export type { WorkerEvents } from './worker/events.ts'
export { handle, type Handler, type HandlerContext } from './worker/handling/handler.ts'
export {
  createNotificationWorker,
  notifierJob,
  type Deliver,
  type DeliveryContext,
  type NotificationWorkerOptions,
} from './worker/notification-worker.ts'
export type { CloseOptions, RunOptions, Worker } from './worker/worker.ts'
