import type { Mover } from '../contract/backend.ts'
import type { Encoded, JobId, Ms, NewJob, Unique } from '../contract/job.ts'
import { BackendError } from '../errors/backend-error.ts'
import { OptionError, UnsupportedError } from '../errors/option-error.ts'
import { encodePolicy, policyOf, type JobPolicyOptions } from '../retry/policy.ts'
import { toMs, toPositiveMs, type Duration } from '../time/duration.ts'
import type { JobDefinition } from './define-job.ts'
import { checkJobId } from './job-id.ts'
import { checkKnown } from './known-options.ts'
import { checkHeaders, checkKey } from './name.ts'

/** What can be said of one job when it is enqueued. `Queue` narrows it to what its backend can do. */
export interface NewJobOptions extends JobPolicyOptions {
  /** An id of your own makes the enqueue idempotent: the second job with it is answered with the first. Default: a new UUIDv7. */
  readonly id?: JobId
  /** Facts that travel with the job, such as a trace context or a user id. Keys in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  /** Do not run it before so long from now. */
  readonly delay?: Duration
  /** Higher runs first. Default: the definition's, which is 0 by default. */
  readonly priority?: number
  /** At most one unfinished job of the queue has this key; with `within`, also none that was enqueued so recently. The second is answered with the first. */
  readonly unique?: { readonly key: string; readonly within?: Duration }
  /** Jobs of one group run one at a time, in order. */
  readonly group?: string
}

type Target = Pick<Mover, 'name' | 'features' | 'limits'>

const KNOWN = ['id', 'headers', 'delay', 'priority', 'unique', 'group', 'retry', 'timeout', 'keep'] as const
const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({})

/**
 * The job that goes to the backend, checked against what the backend can do.
 * @throws OptionError, UnsupportedError, BackendError `too-large`
 */
export function newJob(
  target: Target,
  definition: JobDefinition,
  payload: Encoded,
  options: NewJobOptions | undefined,
  mintId: () => JobId,
): NewJob {
  checkSize(target, payload, `the input of job ${definition.name}`)
  if (options === undefined && definition.priority === 0) {
    return { id: mintId(), queue: definition.queue, name: definition.name, payload, headers: NO_HEADERS }
  }
  const given = options ?? {}
  checkKnown(given, KNOWN, 'enqueue')
  const priority = checkPriority(target, given.priority ?? definition.priority)
  const delay = checkDelay(target, given.delay)
  const unique = checkUnique(target, given.unique)
  const group = checkGroup(target, given.group)
  const policy = encodePolicy(outlive(definition, given, unique))
  return {
    id: given.id === undefined ? mintId() : checkJobId(given.id),
    queue: definition.queue,
    name: definition.name,
    payload,
    headers: given.headers === undefined ? NO_HEADERS : checkHeaders(given.headers),
    ...(policy !== undefined && { policy }),
    ...(delay > 0 && { delay }),
    ...(priority > 0 && { priority }),
    ...(unique !== undefined && { unique }),
    ...(group !== undefined && { group }),
  }
}

/** A duplicate is answered with the first job and its result, so that record must stay for as long as the key does. */
function outlive(definition: JobDefinition, options: NewJobOptions, unique: Unique | undefined): NewJobOptions {
  if (unique?.within === undefined) return options
  const { keep } = policyOf(definition.policy, encodePolicy(options))
  const within = unique.within
  return {
    ...options,
    keep: {
      completed: Math.max(keep.completed, within),
      dead: Math.max(keep.dead, within),
      cancelled: Math.max(keep.cancelled, within),
    },
  }
}

/** @throws BackendError `too-large` */
export function checkSize({ name, limits }: Target, text: Encoded, what: string): void {
  // A UTF-16 code unit takes at most three bytes of UTF-8.
  if (text.length * 3 <= limits.payloadBytes) return
  const bytes = Buffer.byteLength(text)
  if (bytes > limits.payloadBytes) {
    throw new BackendError(
      'too-large',
      name,
      `${what} takes ${bytes} bytes as JSON, the limit is ${limits.payloadBytes}; store large data elsewhere and send a reference`,
    )
  }
}

function checkPriority({ name, features, limits }: Target, priority: number): number {
  if (priority === 0) return 0
  if (!features.priority)
    throw new UnsupportedError(name, 'priorities', 'Use one queue per priority and give them weights in the worker.')
  if (Number.isInteger(priority) && priority >= 0 && priority < limits.priorities) return priority
  throw new OptionError(
    'priority',
    `${priority} is not a priority of the ${name} backend; give an integer from 0 (last) to ${limits.priorities - 1} (first)`,
  )
}

function checkDelay({ name, features, limits }: Target, delay: Duration | undefined): Ms {
  const ms = delay === undefined ? 0 : toMs(delay, 'delay')
  if (ms === 0) return 0
  if (!features.delay) throw new UnsupportedError(name, 'delays', 'Add a store: withStore(backend, store).')
  if (ms <= limits.delay) return ms
  throw new OptionError(
    'delay',
    `${ms} ms is longer than the ${name} backend can wait (${limits.delay} ms); add a store: withStore(backend, store)`,
  )
}

function checkUnique({ name, features }: Target, unique: NewJobOptions['unique']): Unique | undefined {
  if (unique === undefined) return undefined
  if (!features.unique) throw new UnsupportedError(name, 'unique keys', 'Add a store: withStore(backend, store).')
  checkKnown(unique, ['key', 'within'], 'unique')
  const key = checkKey(unique.key, 'unique.key')
  return unique.within === undefined ? { key } : { key, within: toPositiveMs(unique.within, 'unique.within') }
}

function checkGroup({ name, features }: Target, group: string | undefined): string | undefined {
  if (group === undefined) return undefined
  if (!features.group)
    throw new UnsupportedError(
      name,
      'groups',
      'Use a backend that has them: memory, SQLite, Postgres, Redis, SQS FIFO, or RabbitMQ with its option groups.',
    )
  return checkKey(group, 'group')
}
