import type { Backend } from '../contract/backend.ts'
import { OptionError } from '../errors/option-error.ts'
import { deliveryJob, type DeliveryPolicy, type Notification } from '../notify/notification.ts'
import { handle, type HandlerContext } from './handling/handler.ts'
import type { WorkerOptions } from './options.ts'
import { createWorker, type Worker } from './worker.ts'

/** Brings one notification to its recipient. What it throws is retried by the worker's `retry`. */
export type Deliver = (notification: Notification, context: DeliveryContext) => void | Promise<void>

/** What a delivery gets besides the notification. */
export interface DeliveryContext extends Pick<HandlerContext<void>, 'signal' | 'job' | 'log'> {
  /**
   * Hands the notification on to one of the worker's `channels`, as a job of its own that is stored in the same write as this job's completion.
   * So a notification can go to several places, and the one that fails is retried alone.
   * @throws OptionError when the worker has no such channel.
   */
  readonly forward: (channel: string) => void
}

export interface NotificationWorkerOptions extends Omit<WorkerOptions, 'queues'>, DeliveryPolicy {
  /** What `forward` can hand a notification on to, by name. Jobs for a channel are named `jobport.notification.<name>`. */
  readonly channels?: Readonly<Record<string, Deliver>>
}

/**
 * A worker of the reserved queue.
 * @throws OptionError for options that are not usable.
 */
export function createNotificationWorker(
  backend: Backend<any>,
  deliver: Deliver,
  options: NotificationWorkerOptions = {},
): Worker {
  const { channels = {}, retry, timeout, keep, ...workerOptions } = options
  const policy = {
    ...(retry && { retry }),
    ...(timeout !== undefined && { timeout }),
    ...(keep !== undefined && { keep }),
  }
  const jobs = new Map(Object.keys(channels).map((name) => [name, deliveryJob(policy, name)]))

  const handler = (definition: ReturnType<typeof deliveryJob>, run: Deliver) =>
    handle(definition, (notification, { signal, job, log, followUp }) => {
      const forward = (channel: string): void => {
        const next = jobs.get(channel)
        if (next === undefined) throw new OptionError('channel', `there is no channel ${JSON.stringify(channel)}`)
        followUp(next, notification)
      }
      return run(notification, { signal, job, log, forward })
    })

  const forwarded = [...jobs].map(([name, definition]) => handler(definition, channels[name]!))
  return createWorker(backend, [handler(deliveryJob(policy), deliver), ...forwarded], workerOptions)
}
