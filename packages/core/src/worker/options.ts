import type { Backend } from '../contract/backend.ts'
import type { Ms } from '../contract/job.ts'
import { checkKnown } from '../definition/known-options.ts'
import { checkName } from '../definition/name.ts'
import { OptionError } from '../errors/option-error.ts'
import { checkRules, type NotifyRule } from '../notify/rule.ts'
import { longestDelay } from '../retry/backoff.ts'
import { toMs, toPositiveMs, type Duration } from '../time/duration.ts'
import { toRuntime, type Runtime } from '../time/runtime.ts'
import type { Handler } from './handling/handler.ts'
import type { Instrumentation } from './instrumentation.ts'
import { Lane } from './intake/lane.ts'

export interface WorkerOptions {
  /** Handlers that run at the same time. Default 10. */
  readonly concurrency?: number
  /**
   * The queues to serve, with weights: where several have jobs, one of weight 3 gets three times the share of one of weight 1. Default: the queues of
   * the handlers' definitions, with equal weights.
   */
  readonly queues?: readonly string[] | Readonly<Record<string, number>>
  /** How long a claimed job stays invisible to others without a heartbeat: the time after which a dead worker's jobs go on elsewhere. Default 30 s; the shortest is the `tick` of the backend's limits. */
  readonly lease?: Duration
  /** The most jobs to claim beyond the free slots, so that fast handlers never wait for the backend. The worker claims fewer, and none when handlers are slow. Default 2000; 0: never. */
  readonly claimAhead?: number
  /** A job that took its worker down so often is dead. Default 3. */
  readonly maxCrashes?: number
  /**
   * What becomes of a job that no handler knows: it is left for another worker, and looked at again after a while, or dead. Default `leave`.
   * Of a death by `dead` only the worker's own `notify` tells: the other rules stand in the definition, which is not here.
   */
  readonly unknownJobs?: 'leave' | 'dead'
  /** Who learns of which outcome of any job of this worker, besides whom its definition names. A rule with `queues` holds for those queues alone. */
  readonly notify?: readonly NotifyRule[]
  /** At most `limit` starts within any `per`, in this worker. */
  readonly rateLimit?: { readonly limit: number; readonly per: Duration }
  /** How long a handler may go on after its signal has aborted before its slot is taken back. Default 5 s. */
  readonly abortGrace?: Duration
  /** A blocked event loop is reported from this length on. Default 1 s, or a third of the lease if that is shorter. */
  readonly blockedAfter?: Duration
  /** What measures and traces the worker and its handlers. */
  readonly instrumentation?: Instrumentation
  /** For tests: time, chance and ids. */
  readonly runtime?: Partial<Runtime>
}

/** The options, checked and filled in. */
export interface Settings {
  readonly concurrency: number
  readonly lanes: readonly Lane[]
  readonly lease: Ms
  /** How much earlier than the backend the worker holds a lease to be over: a tenth, but at least 250 ms where the lease allows it. */
  readonly margin: Ms
  readonly claimAhead: number
  readonly maxCrashes: number
  readonly unknownJobs: 'leave' | 'dead'
  readonly notify: readonly NotifyRule[]
  readonly rateLimit: { readonly limit: number; readonly per: Ms } | undefined
  readonly abortGrace: Ms
  readonly blockedAfter: Ms
  readonly instrumentation: Instrumentation | undefined
  readonly runtime: Runtime
}

const KNOWN = [
  'concurrency',
  'queues',
  'lease',
  'claimAhead',
  'maxCrashes',
  'unknownJobs',
  'notify',
  'rateLimit',
  'abortGrace',
  'blockedAfter',
  'instrumentation',
  'runtime',
] as const

/** @throws OptionError */
export function toSettings(
  backend: Pick<Backend, 'name' | 'limits'>,
  handlers: readonly Handler[],
  options: WorkerOptions,
): Settings {
  checkKnown(options, KNOWN, 'createWorker')
  const lease = toMs(options.lease ?? '30s', 'lease')
  const shortest = Math.max(backend.limits.tick, 1)
  if (lease < shortest || lease > backend.limits.lease) {
    throw new OptionError(
      'lease',
      `${lease} ms is outside of what the ${backend.name} backend can lease: ${shortest} to ${backend.limits.lease} ms`,
    )
  }
  checkHandlers(backend, handlers)
  const { unknownJobs = 'leave', rateLimit } = options
  if (unknownJobs !== 'leave' && unknownJobs !== 'dead') throw new OptionError('unknownJobs', `give 'leave' or 'dead'`)
  return {
    concurrency: checkConcurrency(options.concurrency ?? 10),
    lanes: toLanes(handlers, options.queues),
    lease,
    margin: Math.max(lease / 10, Math.min(250, lease / 4)),
    claimAhead: integer(options.claimAhead ?? 2000, 'claimAhead', 0),
    maxCrashes: integer(options.maxCrashes ?? 3, 'maxCrashes', 1),
    unknownJobs,
    notify: checkRules(options.notify ?? []),
    rateLimit: rateLimit && {
      limit: integer(rateLimit.limit, 'rateLimit.limit', 1),
      per: toPositiveMs(rateLimit.per, 'rateLimit.per'),
    },
    abortGrace: toMs(options.abortGrace ?? '5s', 'abortGrace'),
    blockedAfter: toPositiveMs(options.blockedAfter ?? Math.min(1_000, lease / 3), 'blockedAfter'),
    instrumentation: options.instrumentation,
    runtime: toRuntime(options.runtime),
  }
}

/** @throws OptionError */
export function checkConcurrency(concurrency: number): number {
  return integer(concurrency, 'concurrency', 1)
}

function checkHandlers(backend: Pick<Backend, 'name' | 'limits'>, handlers: readonly Handler[]): void {
  const names = new Set<string>()
  for (const { definition } of handlers) {
    const { name, policy } = definition
    if (names.has(name)) throw new OptionError('handlers', `two handlers for job ${name}; keep one`)
    names.add(name)
    if (
      typeof policy.backoff === 'object' &&
      policy.retries > 0 &&
      longestDelay(policy.backoff) > backend.limits.retryDelay
    ) {
      throw new OptionError(
        `retry.backoff of job ${name}`,
        `waits up to ${longestDelay(policy.backoff)} ms, the ${backend.name} backend can delay a retry by at most ${backend.limits.retryDelay} ms; lower its max`,
      )
    }
  }
}

function toLanes(handlers: readonly Handler[], queues: WorkerOptions['queues']): readonly Lane[] {
  const weights: readonly (readonly [string, number])[] =
    queues === undefined
      ? [...new Set(handlers.map(({ definition }) => definition.queue))].map((queue) => [queue, 1])
      : isList(queues)
        ? queues.map((queue) => [queue, 1])
        : Object.entries(queues)
  if (weights.length === 0) throw new OptionError('queues', 'there is no queue to serve; give handlers, or queues')
  return weights.map(([queue, weight]) => {
    if (!(weight > 0 && Number.isFinite(weight)))
      throw new OptionError(`queues.${queue}`, `${weight} is not a weight; give a number above 0`)
    return new Lane(checkName(queue, 'queues'), weight)
  })
}

function isList(queues: NonNullable<WorkerOptions['queues']>): queues is readonly string[] {
  return Array.isArray(queues)
}

function integer(value: number, option: string, least: number): number {
  if (Number.isInteger(value) && value >= least) return value
  throw new OptionError(option, `${value} is not usable; give an integer from ${least} up`)
}
