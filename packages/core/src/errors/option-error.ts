import { JobportError } from './jobport-error.ts'

/** An argument is not usable. The message names the option, what it was, and what it may be. */
export class OptionError extends JobportError {
  override readonly name = 'OptionError'
  readonly code = 'invalid-option'
  /** Path of the option, such as `retry.backoff.initial`. */
  readonly option: string

  constructor(option: string, problem: string) {
    super(`${option}: ${problem}`)
    this.option = option
  }
}

/** An option needs a feature that the backend does not have. Thrown before any I/O. */
export class UnsupportedError extends JobportError {
  override readonly name = 'UnsupportedError'
  readonly code = 'unsupported'
  readonly backend: string
  readonly feature: string
  readonly remedy: string

  constructor(backend: string, feature: string, remedy: string) {
    super(`The ${backend} backend does not support ${feature}. ${remedy}`)
    this.backend = backend
    this.feature = feature
    this.remedy = remedy
  }
}
