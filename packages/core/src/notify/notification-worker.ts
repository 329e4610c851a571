import type { Backend } from '../contract/backend.ts'
import { handle, type HandlerContext } from '../worker/handling/handler.ts'
import type { WorkerOptions } from '../worker/options.ts'
import { createWorker, type Worker } from '../worker/worker.ts'
import { notificationJob, type Notification } from './notification.ts'

/** Brings one notification to its recipient. What it throws is retried by the notification's own policy: 15 times, up to half an hour apart. */
export type Deliver = (notification: Notification, context: HandlerContext) => void | Promise<void>

/** A worker of the reserved queue. */
export function createNotificationWorker(
  backend: Backend<any, any>,
  deliver: Deliver,
  options: Omit<WorkerOptions, 'queues'> = {},
): Worker {
  return createWorker(backend, [handle(notificationJob, deliver)], options)
}
