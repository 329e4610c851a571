/**
 * The notify contract: what a notifier is built on.
 * @module
 */
export { createNotificationWorker, type Deliver } from './notify/notification-worker.ts'
export { NOTIFICATION_QUEUE, notificationJob, type Notification } from './notify/notification.ts'
export type { JobOutcome, NotifyRule, Recipient } from './notify/rule.ts'
