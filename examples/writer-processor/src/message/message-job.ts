import { defineJob, type Duration, type JobDefinition } from '@jobport/core'
import { message, type Message } from './message.ts'

/** The queue of all messages. */
export const QUEUE = 'messages'

/** The header of a job that has the id of the request it came with, by which the logs of gateway, writer and processor belong together. */
export const REQUEST_ID = 'request-id'

export interface MessagePolicy {
  /** Attempts after the first. */
  readonly retries?: number
  /** How long one attempt may take. */
  readonly timeout?: Duration
}

/** The job that a message is on its way. The policy is the processor's business: the writer needs none. */
export function messageJob(policy: MessagePolicy = {}): JobDefinition<Message, Message> {
  const { retries = 5, timeout } = policy
  return defineJob('message', {
    input: message,
    queue: QUEUE,
    retry: { retries },
    ...(timeout !== undefined && { timeout }),
  })
}
