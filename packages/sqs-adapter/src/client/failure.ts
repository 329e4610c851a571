import { BackendError, isBackendFailure, type BackendFailureCode } from '@jobport/core/adapter'
import { NAME } from '../limits.ts'

const THROTTLED = /throttl|OverLimit|TooManyRequests|RequestLimitExceeded|SlowDown|BandwidthLimit/i
const MISSING = /QueueDoesNotExist|NonExistentQueue/
const RECREATED = /QueueDeletedRecently/
const DENIED =
  /AccessDenied|UnrecognizedClient|InvalidClientTokenId|InvalidSecurity|SignatureDoesNotMatch|ExpiredToken|MissingAuthenticationToken|OptInRequired|CredentialsProviderError|KmsAccessDenied|KmsDisabled|KmsNotFound|KmsOptInRequired|KmsInvalid/
const TOO_LARGE = /BatchRequestTooLong|must be shorter than|RequestEntityTooLarge/
const INVALID = /Invalid|Malformed|Unsupported|MissingParameter|NotDistinct|TooManyEntries|EmptyBatch/
const AWAY =
  /InternalError|InternalFailure|InternalServer|ServiceUnavailable|KmsInternal|RequestTimeout|TimeoutError|AbortError/

const ADVICE: Partial<Record<BackendFailureCode, string>> = {
  throttled: 'SQS asks to slow down',
  'not-found': 'the queue does not exist; create it, or give `create: true`',
  denied: 'AWS refuses this; the guide lists the rights that producers and workers need',
  'too-large': 'the message is too long for SQS; give `blobs` a store for such payloads',
  unavailable: 'SQS is out of reach or in trouble',
}

/** A problem of SQS with a whole request or one entry of it, by what it says. */
export function failureOf(code: string, message: string, where: string, cause?: unknown): BackendError {
  const kind = kindOf(code, message)
  const advice = ADVICE[kind]
  return new BackendError(
    kind,
    NAME,
    `${where}: ${advice === undefined ? '' : `${advice} `}(${code}: ${message})`,
    cause === undefined ? {} : { cause },
  )
}

/** Any error, as a failure of the backend. */
export function failure(error: unknown, where: string): BackendError {
  if (isBackendFailure(error)) return error as BackendError
  const {
    name = 'Error',
    message = String(error),
    $metadata,
  }: Partial<Error> & { readonly $metadata?: { readonly httpStatusCode?: number } } = Object(error)
  const known = kindOf(name, message)
  const status = $metadata?.httpStatusCode
  if (known !== 'internal' || status === undefined) {
    // Without a status nothing came back: a socket, a name or a line is at fault.
    return known === 'internal'
      ? new BackendError(
          'unavailable',
          NAME,
          `${where}: ${ADVICE.unavailable} (${codeOf(error) ?? name}: ${message})`,
          {
            cause: error,
          },
        )
      : failureOf(name, message, where, error)
  }
  const code = status === 429 ? 'throttled' : status >= 500 ? 'unavailable' : status === 403 ? 'denied' : 'internal'
  return new BackendError(code, NAME, `${where}: ${ADVICE[code] ?? 'SQS refuses this'} (${name}: ${message})`, {
    cause: error,
  })
}

function kindOf(code: string, message: string): BackendFailureCode {
  if (THROTTLED.test(code)) return 'throttled'
  if (RECREATED.test(code)) return 'unavailable'
  if (MISSING.test(code)) return 'not-found'
  if (DENIED.test(code)) return 'denied'
  if (TOO_LARGE.test(code) || TOO_LARGE.test(message)) return 'too-large'
  if (AWAY.test(code)) return 'unavailable'
  if (INVALID.test(code)) return 'invalid'
  return 'internal'
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** What SQS says of a receipt handle that it no longer honours. */
export function isStale(code: string | undefined): boolean {
  return /ReceiptHandleIsInvalid|MessageNotInflight|InvalidParameterValue|InvalidIdFormat/.test(code ?? '')
}
