/**
 * The notify contract: what a notifier is built on.
 * @module
 */
export type { Backend } from './contract/backend.ts'
export type { FinalState, JobId, Ms } from './contract/job.ts'
export type { JobInfo } from './definition/job-info.ts'
export { checkKnown } from './definition/known-options.ts'
export type { DescribedError } from './encoding/described-error.ts'
export { OptionError } from './errors/option-error.ts'
export { NOTIFICATION_QUEUE, notificationJob, type DeliveryPolicy, type Notification } from './notify/notification.ts'
export type { JobOutcome, NotifyRule, Recipient } from './notify/rule.ts'
export type { WorkerEvents } from './worker/events.ts'
export {
  createNotificationWorker,
  type Deliver,
  type DeliveryContext,
  type NotificationWorkerOptions,
} from './worker/notification-worker.ts'
export type { CloseOptions, RunOptions, Worker } from './worker/worker.ts'
