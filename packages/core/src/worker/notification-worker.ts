import type { Backend } from '../contract/backend.ts'
import { makeDefinition, type JobDefinition } from '../definition/define-job.ts'
import { checkName } from '../definition/name.ts'
import { type } from '../definition/schema.ts'
import { OptionError } from '../errors/option-error.ts'
import { deliveryJob, UPKEEP_QUEUE, type DeliveryPolicy, type Notification } from '../notify/notification.ts'
import { handle, type Handler, type HandlerContext } from './handling/handler.ts'
import type { WorkerOptions } from './options.ts'
import { createWorker, type Worker } from './worker.ts'

/** Brings one notification to its recipient. What it throws is retried by the worker's `retry`. */
export type Deliver = (notification: Notification, context: DeliveryContext) => void | Promise<void>

/** What a delivery gets besides the notification. */
export interface DeliveryContext extends Pick<HandlerContext<void>, 'signal' | 'job' | 'log' | 'followUp'> {
  /**
   * Hands the notification on to one of the worker's `channels`, as a job of its own that is stored in the same write as this job's completion.
   * So a notification can go to several places, and the one that fails is retried alone. `revised` goes instead of the notification as it came.
   * @throws OptionError when the worker has no such channel.
   */
  readonly forward: (channel: string, revised?: Notification) => void
}

export interface NotificationWorkerOptions extends Omit<WorkerOptions, 'queues' | 'notify'>, DeliveryPolicy {
  /** What `forward` can hand a notification on to, by name. Jobs for a channel are named `jobport.notification.<name>`. */
  readonly channels?: Readonly<Record<string, Deliver>>
  /** Work of the notifier's own besides deliveries, for definitions made by `notifierJob`. */
  readonly handlers?: readonly Handler[]
}

/**
 * Defines a job for a notifier's own use, on a reserved queue beside that of the notifications: `jobport.notifications.upkeep`. Nobody is notified of it.
 * @throws OptionError when `jobport.notification-<name>` is no name.
 */
export function notifierJob<Input>(name: string, policy: DeliveryPolicy = {}): JobDefinition<Input, Input> {
  return makeDefinition(checkName(`jobport.notification-${name}`, 'name'), {
    input: type<Input>(),
    queue: UPKEEP_QUEUE,
    ...policy,
  })
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
  const { channels = {}, handlers = [], retry, timeout, keep, ...workerOptions } = options
  if ('notify' in options)
    throw new OptionError('notify', 'is no option of a notification worker: nobody is notified of a notification')
  const policy = {
    ...(retry && { retry }),
    ...(timeout !== undefined && { timeout }),
    ...(keep !== undefined && { keep }),
  }
  const jobs = new Map(Object.keys(channels).map((name) => [name, deliveryJob(policy, name)]))

  const handler = (definition: ReturnType<typeof deliveryJob>, run: Deliver) =>
    handle(definition, (notification, { signal, job, log, followUp }) => {
      const forward = (channel: string, revised = notification): void => {
        const next = jobs.get(channel)
        if (next === undefined) throw new OptionError('channel', `there is no channel ${JSON.stringify(channel)}`)
        followUp(next, revised)
      }
      return run(notification, { signal, job, log, followUp, forward })
    })

  const forwarded = [...jobs].map(([name, definition]) => handler(definition, channels[name]!))
  return createWorker(backend, [handler(deliveryJob(policy), deliver), ...forwarded, ...handlers], workerOptions)
}
