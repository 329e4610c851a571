import { JobportError } from './jobport-error.ts'

/** One thing that is wrong with a value, and where. */
export interface Issue {
  /** Such as `items[3].price`; empty for the value itself. */
  readonly path: string
  readonly message: string
}

/** A job's input, output or progress does not fit its schema, or cannot be written as JSON without loss. Never retried. */
export class InvalidValueError extends JobportError {
  override readonly name = 'InvalidValueError'
  readonly code: 'invalid-input' | 'invalid-output' | 'invalid-progress' | 'invalid-policy'
  /** Name of the job definition. */
  readonly job: string
  readonly issues: readonly Issue[]

  constructor(what: 'input' | 'output' | 'progress' | 'policy', job: string, issues: readonly Issue[]) {
    const list = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ')
    super(`${what} of job ${job}: ${list}`)
    this.code = `invalid-${what}`
    this.job = job
    this.issues = issues
  }
}
