import { BackendError, type JobId, type Ms, type NewJob, type Timestamp } from '@jobport/core/adapter'
import { NAME } from '../limits.ts'
import type { Incoming } from './incoming.ts'
import type { Properties } from './outgoing.ts'

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
  readonly group: string | undefined
  /** It was claimed before, so it is the next of its group, and rests for so long where it is delivered. */
  readonly rest: Ms | undefined
  /** As JSON text; absent when there are none. */
  readonly headers: string | undefined
  readonly policy: string | undefined
}

/**
 * The property `app_id`: the format, then attempt, failures, crashes and redrives unless all are 0, then enqueuedAt unless the id tells it. All that every message needs is in
 * properties, and short: Erlang keeps up to 64 bytes of them in place. With ten more a classic queue took a quarter more CPU time for a message.
 */
const FORMAT = 'jp1'
const PAST = /^jp1(?: (\d+) (\d+) (\d+) (\d+)(?: (\d+))?)?$/

const HEADERS = 'jobport-headers'
const POLICY = 'jobport-policy'
const ERROR = 'jobport-error'
/** As JSON text, which can tell any code unit. */
const GROUP = 'jobport-group'
const REST = 'jobport-rest'

/** Of a job that returns to its group. */
const BEFORE_ALL_OTHERS = 1

/** An id that was made for its job is about as old. */
const SAME_TIME: Ms = 1_000

/** The properties of a message travel in one frame, which has 128 KiB unless it was set up otherwise. */
const LARGEST_PROPERTIES = 64 * 1024

/** By the clock of this process: RabbitMQ tells no time. Only people read it. */
export function newEnvelope(job: NewJob): Envelope {
  const now = Date.now()
  const minted = mintedAt(job.id)
  return {
    id: job.id,
    name: job.name,
    content: Buffer.from(job.payload),
    priority: job.priority ?? 0,
    group: job.group,
    rest: undefined,
    headers: isEmpty(job.headers) ? undefined : JSON.stringify(job.headers),
    policy: job.policy,
    enqueuedAt: Math.abs(now - minted) < SAME_TIME ? minted : now,
    attempt: 0,
    failures: 0,
    crashes: 0,
    redrives: 0,
  }
}

/** Why a job cannot travel. */
export function refusedEnvelope({ id, headers = '', policy = '', group = '' }: Envelope): BackendError | undefined {
  if ((headers.length + policy.length + 2 * group.length) * 3 <= LARGEST_PROPERTIES) return undefined
  const bytes = [headers, policy, JSON.stringify(group)].reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  if (bytes <= LARGEST_PROPERTIES) return undefined
  const problem = `headers, policy and group of job ${id} have ${bytes} bytes; at most ${LARGEST_PROPERTIES} are taken`
  return new BackendError('too-large', NAME, problem)
}

export function propertiesOf(
  envelope: Envelope,
  extra: { readonly error?: string | undefined; readonly expiration?: number | undefined } = {},
): Properties {
  const { headers, policy, priority, group, rest } = envelope
  const table: Record<string, string | number> = {}
  if (headers !== undefined) table[HEADERS] = headers
  if (policy !== undefined) table[POLICY] = policy
  if (group !== undefined) table[GROUP] = JSON.stringify(group)
  if (rest !== undefined) table[REST] = rest
  if (extra.error !== undefined) table[ERROR] = shortened(extra.error)
  return {
    messageId: envelope.id,
    type: envelope.name,
    appId: pastOf(envelope),
    headers: table,
    priority: rest !== undefined ? BEFORE_ALL_OTHERS : priority > 0 ? priority : undefined,
    expiration: extra.expiration,
  }
}

/** `undefined`: this is no job of ours. */
export function readEnvelope({ content, properties }: Incoming): Envelope | undefined {
  const { headers: table, messageId, type, appId, priority } = properties
  if (typeof messageId !== 'string' || typeof type !== 'string') return undefined
  const past = appId === FORMAT ? [] : PAST.exec(String(appId))
  if (past === null) return undefined
  const [, attempt = 0, failures = 0, crashes = 0, redrives = 0, time = mintedAt(messageId)] = past
  const enqueuedAt = Number(time)
  if (Number.isNaN(enqueuedAt)) return undefined
  const rest = numberOf(table?.[REST])
  return {
    id: messageId,
    name: type,
    content,
    priority: rest === undefined ? (numberOf(priority) ?? 0) : 0,
    group: groupOf(textOf(table?.[GROUP])),
    rest,
    headers: textOf(table?.[HEADERS]),
    policy: textOf(table?.[POLICY]),
    enqueuedAt,
    attempt: Number(attempt),
    failures: Number(failures),
    crashes: Number(crashes),
    redrives: Number(redrives),
  }
}

function pastOf({ id, enqueuedAt, attempt, failures, crashes, redrives }: Past & { readonly id: JobId }): string {
  const isTold = mintedAt(id) === enqueuedAt
  if (isTold && attempt + failures + crashes + redrives === 0) return FORMAT
  const counts = `${FORMAT} ${attempt} ${failures} ${crashes} ${redrives}`
  return isTold ? counts : `${counts} ${enqueuedAt}`
}

/** Where the id is a UUIDv7, which begins with the time. Not a number otherwise. */
function mintedAt(id: JobId): Timestamp {
  if (id.length !== 36 || id[14] !== '7') return NaN
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** `undefined`: it has none that we have written. */
function groupOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
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
