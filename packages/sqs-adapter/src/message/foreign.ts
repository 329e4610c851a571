import type { MessageAttributeValue } from '@aws-sdk/client-sqs'

/** A message that was not sent by jobport. */
export interface ForeignMessage {
  readonly id: string
  readonly body: string
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>
  /** The queue that it came from, by its name in jobport. */
  readonly queue: string
}

/** The job that a foreign message stands for. */
export interface ForeignJob {
  /** The name of the job definition. */
  readonly name: string
  /** Any value that JSON can hold; the input of the job. */
  readonly input: unknown
  /** Default: the id of the message. */
  readonly id?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Makes a job of a foreign message; `undefined` where it cannot. */
export type Decode = (message: ForeignMessage) => ForeignJob | undefined
