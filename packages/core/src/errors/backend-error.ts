import type { BackendFailure, BackendFailureCode } from '../contract/failure.ts'
import { withoutCredentials } from '../encoding/credentials.ts'
import { JobportError } from './jobport-error.ts'

export interface BackendErrorOptions extends ErrorOptions {
  /** Default: `unknown` for `unavailable` and `internal`, else `none`. */
  readonly outcome?: BackendFailure['outcome']
}

/** A backend could not do what was asked. Adapters throw nothing else. */
export class BackendError extends JobportError implements BackendFailure {
  override readonly name = 'BackendError'
  readonly code: BackendFailureCode
  readonly backend: string
  readonly outcome: BackendFailure['outcome']

  constructor(code: BackendFailureCode, backend: string, message: string, options: BackendErrorOptions = {}) {
    super(withoutCredentials(`${backend}: ${message}`), options)
    this.code = code
    this.backend = backend
    this.outcome = options.outcome ?? (code === 'unavailable' || code === 'internal' ? 'unknown' : 'none')
  }

  get retryable(): boolean {
    return this.code === 'unavailable' || this.code === 'throttled' || this.code === 'full'
  }
}

/** Whether a value is a failure of a backend, whichever copy of this package constructed it. */
export function isBackendFailure(value: unknown): value is BackendFailure {
  return value instanceof Error && 'backend' in value && 'retryable' in value && 'outcome' in value
}
