import { JobportError } from './jobport-error.ts'

/** A queue or a worker was used after it was closed. */
export class ClosedError extends JobportError {
  override readonly name = 'ClosedError'
  readonly code = 'closed'

  constructor(what: 'queue' | 'worker', create: string) {
    super(`the ${what} is closed; create a new one with ${create}()`)
  }
}
