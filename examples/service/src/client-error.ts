/** What a caller may be told of a failure: it becomes an answer with this status, `code` and message. Every other error becomes a 500 that tells nothing. */
export class ClientError extends Error {
  readonly statusCode: number
  /** For programs: stable, in lower case with dashes. */
  readonly code: string
  /** Which part of the request is wrong, such as `body.params.first`. */
  readonly field: string | undefined

  constructor(statusCode: number, code: string, message: string, field?: string) {
    super(message)
    this.name = 'ClientError'
    this.statusCode = statusCode
    this.code = code
    this.field = field
  }
}

/** The same request may succeed a little later: 503, with `retry-after`. */
export class UnavailableError extends ClientError {
  /** Seconds. */
  readonly retryAfter: number

  constructor(code: string, message: string, retryAfter: number) {
    super(503, code, message)
    this.name = 'UnavailableError'
    this.retryAfter = retryAfter
  }
}
