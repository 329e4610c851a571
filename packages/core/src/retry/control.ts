import type { Ms } from '../contract/job.ts'
import { JobportError } from '../errors/jobport-error.ts'
import { toMs, type Duration } from '../time/duration.ts'

/** `instanceof` for what users throw, which may be a proxy that throws when it is asked anything. */
export function isA<Kind>(thrown: unknown, kind: abstract new (...args: never) => Kind): thrown is Kind {
  try {
    return thrown instanceof kind
  } catch {
    return false
  }
}

/** Throw it in a handler: the attempt failed, and the next one comes after this delay instead of the backoff's. Counts as a failure. */
export class RetryLater extends JobportError {
  override readonly name = 'RetryLater'
  readonly code = 'retry-later'
  readonly delay: Ms

  constructor(delay: Duration, message = 'asked to be retried later', options?: ErrorOptions) {
    super(message, options)
    this.delay = toMs(delay, 'RetryLater.delay')
  }
}

/** Throw it in a handler: no further attempt can help, so the job is dead at once, whatever its retries. */
export class Unrecoverable extends JobportError {
  // A class of one's own that extends it has a name of its own.
  override readonly name: string = 'Unrecoverable'
  readonly code = 'unrecoverable'
}

/** Throw it in a handler: not now; run the job again after this delay. It is no failure and uses up no retry. */
export class Snooze extends JobportError {
  override readonly name = 'Snooze'
  readonly code = 'snooze'
  readonly delay: Ms

  constructor(delay: Duration) {
    super('the job asked to be run later')
    this.delay = toMs(delay, 'Snooze.delay')
  }
}
