import type { SQSClient, SQSClientConfig } from '@aws-sdk/client-sqs'
import { OptionError, toMs, toPositiveMs, type BackendFailure, type Duration, type Ms } from '@jobport/core/adapter'
import type { BlobStore } from './blobs/blob-store.ts'
import { LONGEST_RECEIPT } from './limits.ts'
import type { Decode } from './message/foreign.ts'

export interface SqsBackendOptions<Fifo extends boolean = boolean> {
  /** FIFO queues: groups, no delays. Default `false`: standard queues. */
  readonly fifo?: Fifo
  /** A client of yours, used as it is and never closed. Its own retries come before ours. */
  readonly client?: SQSClient
  /** Options of the client that is made otherwise, such as `region`, `endpoint` and `credentials`. A `requestHandler` of yours is never closed, nor are its agents. */
  readonly sqs?: SQSClientConfig
  /** Begins the name of every queue in SQS. 0 to 40 of `[A-Za-z0-9_-]`. Default `'jobport-'`. */
  readonly prefix?: string
  /** URLs of queues that have a name of their own in SQS, or belong to another account, by the name of the queue in jobport. */
  readonly urls?: Readonly<Record<string, string>>
  /** Queues that `open` looks at, so that what is wrong with them shows at once. The others are looked at when they are first used. */
  readonly queues?: readonly string[]
  /** Whether queues that are missing are created, each with its dead-letter queue. Default `false`: they are refused with `not-found`. */
  readonly create?: boolean
  /**
   * Whether the attributes of a queue are held against these options before its first job is claimed. Needs the right `sqs:GetQueueAttributes`. Without it dead-letter queues
   * must have the names that jobport gives them, `<prefix><queue>_dead`. Default `true`.
   */
  readonly verify?: boolean
  /**
   * After so many claims SQS itself moves a job to the dead-letter queue: the end of one that kills its worker every time. At least
   * 1 + retries of your jobs. Queues are created with it, and refused when theirs is lower. Default 20.
   */
  readonly maxReceives?: number
  /** How long SQS keeps a job that nobody finishes, 1 minute to 14 days. Queues are created with it, and refused when theirs is shorter. Default `'4d'`. */
  readonly retention?: Duration
  /**
   * The visibility timeout of the queue itself, which only AWS Lambda goes by: at least the time-out of the function. Queues are created with it, and
   * refused when theirs is shorter. Default `'30s'`, and not looked at.
   */
  readonly visibility?: Duration
  /** Requests in flight at once, besides those that wait for jobs or extend leases. Default 50. */
  readonly sockets?: number
  /** How long one request waits for jobs, 1 to 20 s. Closing may have to wait as long. Default `'20s'`. */
  readonly longPoll?: Duration
  /** How long a request may take. Default `'10s'`. */
  readonly callTimeout?: Duration
  /** Tries of a request that is throttled, fails in SQS or is not answered. Default 5. */
  readonly attempts?: number
  /** Where payloads go that are too long for a message: `fileBlobs`, `s3Blobs` or one of yours. Default: nowhere, they are refused with `too-large`. */
  readonly blobs?: BlobStore
  /** Makes a job of a message that another program has sent. `undefined`, and whatever it throws: the message is unreadable. */
  readonly decode?: Decode
  /** Told whenever a request, or some entries of one, will be tried again. */
  readonly onRetry?: (retry: Retry) => void
  /** Told in a sentence of what an operator should know, such as an unreadable message. Default: `process.emitWarning`. */
  readonly warn?: (message: string) => void
}

/** A request to SQS that will be tried again. */
export interface Retry {
  /** The action of SQS, such as `SendMessageBatch`. */
  readonly operation: string
  /** The URL of the queue, where there is one. */
  readonly url: string | undefined
  /** Entries of the batch that are tried again. */
  readonly entries: number
  /** The try that failed, from 1. */
  readonly attempt: number
  /** Until the next. */
  readonly delay: Ms
  readonly error: BackendFailure
}

export interface Settings extends Required<
  Pick<
    SqsBackendOptions,
    'create' | 'verify' | 'prefix' | 'urls' | 'queues' | 'maxReceives' | 'sockets' | 'attempts' | 'warn' | 'onRetry'
  >
> {
  readonly fifo: boolean
  readonly client: SQSClient | undefined
  readonly sqs: SQSClientConfig
  readonly retention: Ms
  readonly visibility: Ms | undefined
  readonly longPoll: Ms
  readonly callTimeout: Ms
  readonly blobs: BlobStore | undefined
  readonly decode: Decode | undefined
}

const KNOWN: readonly (keyof SqsBackendOptions)[] = [
  'fifo',
  'client',
  'sqs',
  'prefix',
  'urls',
  'queues',
  'create',
  'verify',
  'maxReceives',
  'retention',
  'visibility',
  'sockets',
  'longPoll',
  'callTimeout',
  'attempts',
  'blobs',
  'decode',
  'onRetry',
  'warn',
]

/** @throws OptionError */
export function settingsOf(options: SqsBackendOptions): Settings {
  for (const key of Object.keys(options)) {
    if (!(KNOWN as readonly string[]).includes(key))
      throw new OptionError(key, `is no option of sqsBackend; known are ${KNOWN.join(', ')}`)
  }
  const { client, sqs = {}, prefix = 'jobport-', visibility } = options
  if (client !== undefined && options.sqs !== undefined)
    throw new OptionError('sqs', 'has no effect beside `client`; give one of them')
  if (!/^[\w-]{0,40}$/.test(prefix))
    throw new OptionError('prefix', `${JSON.stringify(prefix)} is none; use up to 40 of A-Z a-z 0-9 _ -`)
  return {
    fifo: options.fifo ?? false,
    client,
    sqs,
    prefix,
    urls: options.urls ?? {},
    queues: options.queues ?? [],
    create: options.create ?? false,
    verify: options.verify ?? true,
    maxReceives: whole(options.maxReceives ?? 20, 'maxReceives', 1000),
    retention: between(options.retention ?? '4d', 'retention', 60_000, 14 * 86_400_000),
    visibility: visibility === undefined ? undefined : between(visibility, 'visibility', 0, LONGEST_RECEIPT),
    sockets: whole(options.sockets ?? 50, 'sockets', 10_000),
    longPoll: between(options.longPoll ?? '20s', 'longPoll', 1_000, 20_000),
    callTimeout: toPositiveMs(options.callTimeout ?? '10s', 'callTimeout'),
    attempts: whole(options.attempts ?? 5, 'attempts', 100),
    blobs: options.blobs,
    decode: options.decode,
    onRetry: options.onRetry ?? (() => {}),
    warn: options.warn ?? ((message) => process.emitWarning(message)),
  }
}

function whole(value: number, option: string, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new OptionError(option, `${value} is not usable; give a whole number from 1 to ${most}`)
}

function between(duration: Duration, option: string, least: Ms, most: Ms): Ms {
  const ms = toMs(duration, option)
  if (ms >= least && ms <= most) return ms
  throw new OptionError(option, `${duration} is not usable; give ${least / 1000} to ${most / 1000} s`)
}
