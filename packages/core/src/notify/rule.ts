import type { FinalState, Ms } from '../contract/job.ts'
import { checkKnown } from '../definition/known-options.ts'
import type { JobInfo } from '../definition/job-info.ts'
import type { DescribedError } from '../encoding/described-error.ts'
import { OptionError } from '../errors/option-error.ts'

/** Where a notification goes: facts such as `{ user: '42' }`, `{ role: 'admins' }` or `{ email: 'a@example.org' }` that a notifier can route by. */
export type Recipient = Readonly<Record<string, string>>

/**
 * What a notification is about: an outcome; `retrying`: an attempt failed and another one follows; `stalled`: an attempt ended without a word, its
 * lease ran out, and another one takes over.
 */
export type NotifyEvent = FinalState | 'retrying' | 'stalled'

/** How much a notification matters. What is `critical` is neither folded into a digest nor held back by quiet hours. */
export type Severity = 'info' | 'warning' | 'error' | 'critical'

/** How a job ended, or went on, as a rule sees it. */
export interface JobOutcome {
  readonly state: NotifyEvent
  /** What the handler returned, where the job has an output schema. */
  readonly result?: unknown
  /** Of a dead or retrying job. */
  readonly error?: DescribedError
  /** Of a retrying job: when its next attempt comes. */
  readonly retryIn?: Ms
}

/** Says on which outcome, and to whom. */
export interface NotifyRule {
  /** `finished` is any of `completed`, `dead` and `cancelled`. */
  readonly on: NotifyEvent | 'finished'
  /** For `retrying`: the failure that is told of, once for each job. Default 1, the first. */
  readonly after?: number
  /** Several recipients get a notification each. `undefined`: nobody this time. */
  readonly to:
    | Recipient
    | readonly Recipient[]
    | ((job: JobInfo, outcome: JobOutcome) => Recipient | readonly Recipient[] | undefined)
  /** Only jobs of these queues: for the rules of a worker, which hold for all its jobs. Default: all. */
  readonly queues?: readonly string[]
  /** Default: `error` for dead, `warning` for retrying and stalled, else `info`. */
  readonly severity?: Severity | ((job: JobInfo, outcome: JobOutcome) => Severity)
  /** Whether the notification carries the job's input, for templates and channels that are allowed to show it. Default false. */
  readonly input?: boolean
}

const EVENTS = ['completed', 'dead', 'cancelled', 'retrying', 'stalled'] as const
const SEVERITIES = ['info', 'warning', 'error', 'critical'] as const

/** @throws OptionError naming the rule. */
export function checkRules(rules: readonly NotifyRule[]): readonly NotifyRule[] {
  if (!Array.isArray(rules)) throw new OptionError('notify', 'is not a list of rules')
  rules.forEach((rule: NotifyRule, index) => {
    const option = `notify[${index}]`
    checkKnown(rule, ['on', 'after', 'to', 'queues', 'severity', 'input'], option)
    const { on, after, to, queues, severity } = rule
    if (on !== 'finished' && !EVENTS.includes(on)) {
      throw new OptionError(
        `${option}.on`,
        `${JSON.stringify(on)} is no outcome; give ${EVENTS.join(', ')} or finished`,
      )
    }
    if (after !== undefined && (on !== 'retrying' || !Number.isInteger(after) || after < 1)) {
      throw new OptionError(
        `${option}.after`,
        `${after} is not usable; give a number of failures, to a rule on retrying`,
      )
    }
    if (queues !== undefined && !Array.isArray(queues)) {
      throw new OptionError(`${option}.queues`, 'is not a list of names')
    }
    if (typeof severity !== 'function' && severity !== undefined) checkSeverity(severity, `${option}.severity`)
    if (typeof to !== 'function') checkRecipients(to, `${option}.to`)
  })
  return rules
}

/** @throws OptionError */
export function checkSeverity(severity: Severity, option: string): Severity {
  if (SEVERITIES.includes(severity)) return severity
  throw new OptionError(option, `${JSON.stringify(severity)} is no severity; give ${SEVERITIES.join(', ')}`)
}

/** @throws OptionError unless each is a plain object of texts. */
export function checkRecipients(to: Recipient | readonly Recipient[], option: string): readonly Recipient[] {
  const recipients = isList(to) ? to : [to]
  for (const recipient of recipients) {
    if (typeof recipient === 'object' && recipient !== null && Object.keys(recipient).length > 0) {
      if (Object.values(recipient).every((value) => typeof value === 'string')) continue
    }
    throw new OptionError(option, `is not a recipient; give an object of texts such as { user: '42' }`)
  }
  return recipients
}

/** Whether the rule is about this outcome of this job. */
export function applies({ on, after = 1, queues }: NotifyRule, job: JobInfo, { state }: JobOutcome): boolean {
  if (queues !== undefined && !queues.includes(job.queue)) return false
  if (state === 'retrying') return on === 'retrying' && job.failures + 1 === after
  if (state === 'stalled') return on === 'stalled'
  return on === state || on === 'finished'
}

function isList(to: Recipient | readonly Recipient[]): to is readonly Recipient[] {
  return Array.isArray(to)
}
