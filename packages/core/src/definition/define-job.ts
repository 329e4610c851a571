import { toPolicy, type KeepOptions, type Policy, type RetryOptions } from '../retry/policy.ts'
import { OptionError } from '../errors/option-error.ts'
import { checkRules, type NotifyRule } from '../notify/rule.ts'
import type { Duration } from '../time/duration.ts'
import { checkKnown } from './known-options.ts'
import type { JobInfo } from './job-info.ts'
import { checkOwnName } from './name.ts'
import type { Schema } from './schema.ts'
import { checkSecret, type SecretPath } from './secret.ts'

/**
 * What a job is: its name, the shapes of its input and output, and its policy. Shared by those who enqueue and those who work.
 * `Input` is what `enqueue` takes, `Parsed` what the handler gets, `Returned` what the handler returns, `Output` what a ticket gives.
 */
export interface JobDefinition<Input = any, Parsed = any, Returned = any, Output = any> {
  readonly name: string
  readonly queue: string
  readonly input: Schema<Input, Parsed>
  /** Without it, what the handler returns is ignored. */
  readonly output: Schema<Returned, Output> | undefined
  readonly policy: Policy
  readonly priority: number
  readonly notify: readonly NotifyRule[]
  /** Where secrets stand in the input. */
  readonly secret: readonly SecretPath[]
  /** What follows from a completion. */
  readonly next: readonly Link[]
  /**
   * The same definition, whose completion also enqueues `next`, in the same write as the outcome. `map` makes its input from the
   * output; `undefined`: nothing follows. Handle and enqueue the definition that this returns. (It is not called
   * `then`: that would make every definition a thenable, which `await` tries to resolve.)
   */
  followedBy<Next>(
    next: JobDefinition<Next>,
    map: LinkMap<Output, Next>,
  ): JobDefinition<Input, Parsed, Returned, Output>
}

/** Makes the input of a following job. `undefined`: nothing follows this time. */
export type LinkMap<Output, Next> = (output: Output, job: JobInfo) => Next | undefined

export interface Link {
  readonly definition: JobDefinition
  readonly map: LinkMap<any, any>
}

export interface JobOptions<Input, Parsed, Returned, Output> {
  /** Any Standard Schema (zod, valibot, arktype, …), or `type<T>()` for a type alone. Checked where the job is enqueued and again where it runs. */
  readonly input: Schema<Input, Parsed>
  /** Checked where the handler returns and again where the result is read. Without it the job has no result. */
  readonly output?: Schema<Returned, Output>
  /** Default `default`. */
  readonly queue?: string
  readonly retry?: RetryOptions
  /** How long one attempt may take before its signal aborts and it counts as failed. Default: no end. */
  readonly timeout?: Duration
  /** How long a finished record stays readable. Default: completed 1 h with an output schema, else 2 min; dead 14 d; cancelled 1 h. */
  readonly keep?: KeepOptions
  /** Higher runs first. Default 0, the last. */
  readonly priority?: number
  /** Who learns of which outcome. */
  readonly notify?: readonly NotifyRule[]
  /**
   * Paths of input fields whose values appear in no error that is stored, logged or notified, nor in a notification's result: `['card.number', 'users.*.password']`.
   * They stand in the payload all the same: who may read the backend can read them. Values shorter than 3 characters are not hidden.
   */
  readonly secret?: readonly SecretPath[]
}

const KNOWN = ['input', 'output', 'queue', 'retry', 'timeout', 'keep', 'priority', 'notify', 'secret'] as const

/**
 * Defines a job.
 * @throws OptionError naming the option that is not usable.
 */
export function defineJob<Input, Parsed = Input, Returned = unknown, Output = void>(
  name: string,
  options: JobOptions<Input, Parsed, Returned, Output>,
): JobDefinition<Input, Parsed, Returned, Output> {
  return makeDefinition(checkOwnName(name, 'name'), options)
}

/** As `defineJob`, also for names that are reserved. */
export function makeDefinition<Input, Parsed, Returned, Output>(
  name: string,
  options: JobOptions<Input, Parsed, Returned, Output>,
): JobDefinition<Input, Parsed, Returned, Output> {
  checkKnown(options, KNOWN, `defineJob(${name})`)
  return link({
    name,
    queue: name.startsWith('jobport.') ? (options.queue ?? name) : checkOwnName(options.queue ?? 'default', 'queue'),
    input: checkSchema(options.input, 'input'),
    output: options.output === undefined ? undefined : checkSchema(options.output, 'output'),
    policy: toPolicy(options, options.output !== undefined),
    priority: checkPriority(options.priority ?? 0),
    notify: checkRules(options.notify ?? []),
    secret: checkSecret(options.secret ?? []),
    next: [],
  })
}

function link<Input, Parsed, Returned, Output>(
  definition: Omit<JobDefinition<Input, Parsed, Returned, Output>, 'followedBy'>,
): JobDefinition<Input, Parsed, Returned, Output> {
  return Object.freeze({
    ...definition,
    followedBy<Next>(next: JobDefinition<Next>, map: LinkMap<Output, Next>) {
      return link<Input, Parsed, Returned, Output>({
        ...definition,
        next: [...definition.next, { definition: next, map }],
      })
    },
  })
}

/** Up to which number is for the backend to say. */
function checkPriority(priority: number): number {
  if (Number.isInteger(priority) && priority >= 0) return priority
  throw new OptionError('priority', `${priority} is not a priority; give an integer from 0 (last) up`)
}

function checkSchema<S extends Schema<any, any>>(schema: S, option: string): S {
  if (typeof schema?.['~standard']?.validate === 'function') return schema
  throw new OptionError(
    option,
    'is not a Standard Schema; give one of zod, valibot or arktype, or type<T>() to check types alone',
  )
}
