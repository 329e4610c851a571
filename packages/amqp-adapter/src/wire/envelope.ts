import { BackendError, type JobId, type NewJob, type Timestamp } from '@jobport/core/adapter'
import type { ConsumeMessage, GetMessage, Options } from 'amqplib'
import { NAME } from '../limits.ts'

/** The past of a job, as its message tells it. */
export interface Past {
  readonly enqueuedAt: Timestamp
  /** Claims that have ended by a settlement. */
  readonly attempt: number
  readonly failures: number
  readonly crashes: number
  readonly redrives: number
}

/** A message that is a job. Its body is the payload. */
export interface Envelope extends Past {
  readonly id: JobId
  readonly name: string
  readonly content: Buffer
  readonly priority: number
  /** As JSON text; absent when there are none. */
  readonly headers: string | undefined
  readonly policy: string | undefined
}

/** Format, enqueuedAt, attempt, failures, crashes, redrives. */
const PAST = 'jobport'
const HEADERS = 'jobport-headers'
const POLICY = 'jobport-policy'
const ERROR = 'jobport-error'
const FORMAT = '1'

/** The properties of a message travel in one frame, which has 128 KiB unless it was set up otherwise. */
const LARGEST_PROPERTIES = 64 * 1024

/** By the clock of this process: RabbitMQ tells no time. Only people read it. */
export function newEnvelope(job: NewJob): Envelope {
  return {
    id: job.id,
    name: job.name,
    content: Buffer.from(job.payload),
    priority: job.priority ?? 0,
    headers: isEmpty(job.headers) ? undefined : JSON.stringify(job.headers),
    policy: job.policy,
    enqueuedAt: Date.now(),
    attempt: 0,
    failures: 0,
    crashes: 0,
    redrives: 0,
  }
}

/** Why a job cannot travel. */
export function refusedEnvelope({ id, headers = '', policy = '' }: Envelope): BackendError | undefined {
  if ((headers.length + policy.length) * 3 <= LARGEST_PROPERTIES) return undefined
  const bytes = Buffer.byteLength(headers) + Buffer.byteLength(policy)
  if (bytes <= LARGEST_PROPERTIES) return undefined
  const problem = `headers and policy of job ${id} have ${bytes} bytes; at most ${LARGEST_PROPERTIES} are taken`
  return new BackendError('too-large', NAME, problem)
}

export function propertiesOf(
  envelope: Envelope,
  extra: { readonly error?: string | undefined; readonly expiration?: number | undefined } = {},
): Options.Publish & { readonly messageId: string } {
  const { enqueuedAt, attempt, failures, crashes, redrives, headers, policy, priority } = envelope
  const table: Record<string, string> = {
    [PAST]: `${FORMAT} ${enqueuedAt} ${attempt} ${failures} ${crashes} ${redrives}`,
  }
  if (headers !== undefined) table[HEADERS] = headers
  if (policy !== undefined) table[POLICY] = policy
  if (extra.error !== undefined) table[ERROR] = shortened(extra.error)
  const properties: Options.Publish & { messageId: string } = {
    messageId: envelope.id,
    type: envelope.name,
    headers: table,
    persistent: true,
    mandatory: true,
  }
  if (priority > 0) properties.priority = priority
  if (extra.expiration !== undefined) properties.expiration = extra.expiration
  return properties
}

/** `undefined`: this is no job of ours. */
export function readEnvelope({ content, properties }: ConsumeMessage | GetMessage): Envelope | undefined {
  const { headers: table, messageId, type, priority } = properties
  const past: unknown = table?.[PAST]
  if (typeof past !== 'string' || typeof messageId !== 'string' || typeof type !== 'string') return undefined
  const words = past.split(' ')
  if (words.length !== 6 || words[0] !== FORMAT) return undefined
  const [enqueuedAt, attempt, failures, crashes, redrives] = [
    +words[1]!,
    +words[2]!,
    +words[3]!,
    +words[4]!,
    +words[5]!,
  ]
  // Not a number where one of them is none.
  if (!(enqueuedAt + attempt + failures + crashes + redrives >= 0)) return undefined
  return {
    id: messageId,
    name: type,
    content,
    priority: typeof priority === 'number' ? priority : 0,
    headers: textOf(table?.[HEADERS]),
    policy: textOf(table?.[POLICY]),
    enqueuedAt,
    attempt,
    failures,
    crashes,
    redrives,
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function isEmpty(headers: Readonly<Record<string, string>>): boolean {
  for (const _ in headers) return false
  return true
}

function shortened(error: string): string {
  if (error.length * 3 <= LARGEST_PROPERTIES) return error
  const bytes = Buffer.byteLength(error)
  if (bytes <= LARGEST_PROPERTIES) return error
  return JSON.stringify({ name: 'Error', message: `The error has ${bytes} bytes, more than a message can carry.` })
}
