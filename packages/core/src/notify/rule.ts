import type { FinalState } from '../contract/job.ts'
import { checkKnown } from '../definition/known-options.ts'
import type { JobInfo } from '../definition/job-info.ts'
import type { DescribedError } from '../encoding/described-error.ts'
import { OptionError } from '../errors/option-error.ts'

/** Where a notification goes: facts such as `{ user: '42' }`, `{ role: 'admins' }` or `{ email: 'a@example.org' }` that a notifier can route by. */
export type Recipient = Readonly<Record<string, string>>

/** How a job ended, as a rule sees it. */
export interface JobOutcome {
  readonly state: FinalState
  /** What the handler returned, where the job has an output schema. */
  readonly result?: unknown
  /** Of a dead job. */
  readonly error?: DescribedError
}

/** Says on which outcome, and to whom. `finished` is any of the three. */
export interface NotifyRule {
  readonly on: FinalState | 'finished'
  /** Several recipients get a notification each. `undefined`: nobody this time. */
  readonly to:
    | Recipient
    | readonly Recipient[]
    | ((job: JobInfo, outcome: JobOutcome) => Recipient | readonly Recipient[] | undefined)
}

/** @throws OptionError naming the rule. */
export function checkRules(rules: readonly NotifyRule[]): readonly NotifyRule[] {
  rules.forEach((rule, index) => {
    checkKnown(rule, ['on', 'to'], `notify[${index}]`)
    if (!['completed', 'dead', 'cancelled', 'finished'].includes(rule.on)) {
      throw new OptionError(
        `notify[${index}].on`,
        `${JSON.stringify(rule.on)} is no outcome; give completed, dead, cancelled or finished`,
      )
    }
    if (typeof rule.to !== 'function') checkRecipients(rule.to, `notify[${index}].to`)
  })
  return rules
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

function isList(to: Recipient | readonly Recipient[]): to is readonly Recipient[] {
  return Array.isArray(to)
}
