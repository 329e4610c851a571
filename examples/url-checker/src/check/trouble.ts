import { ForbiddenAddressError } from '@jobport/notifier'
import { UncheckableUrlError } from '../url/checkable-url.ts'

/** Why there is no answer. */
export interface Trouble {
  readonly outcome: 'failed' | 'refused'
  readonly code: string
  /** For whoever submitted the URL. */
  readonly message: string
  /** Whether it may be over when it is tried again. */
  readonly isPassing: boolean
}

export const tooSlow = passing('timeout', 'it did not answer in time')
export const tooManyRedirects = lasting('too-many-redirects', 'it redirects again and again')

const BY_CODE: Readonly<Record<string, Trouble>> = {
  ENOTFOUND: passing('name-not-found', 'its name is not known'),
  EAI_AGAIN: passing('name-not-resolved', 'its name could not be resolved'),
  ECONNREFUSED: passing('connection-refused', 'it refuses connections'),
  ECONNRESET: passing('connection-lost', 'it ended the connection without a whole answer'),
  EPIPE: passing('connection-lost', 'it ended the connection without a whole answer'),
  ETIMEDOUT: tooSlow,
  EHOSTUNREACH: passing('unreachable', 'there is no way to it'),
  ENETUNREACH: passing('unreachable', 'there is no way to it'),
  EPROTO: lasting('tls', 'it does not speak TLS, or no version that is still safe'),
}

/** What Node calls what cannot be read as HTTP, and what cannot be read as TLS. */
const BY_FAMILY: readonly (readonly [RegExp, Trouble])[] = [
  [/^HPE_/, lasting('not-http', 'its answer is not HTTP')],
  [/^ERR_(SSL|TLS)_/, BY_CODE['EPROTO']!],
]

/**
 * What an error of a request means for a check.
 * @throws the error, if it is none of the network's: then it is ours.
 */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof ForbiddenAddressError)
    return { ...lasting('address-not-public', 'it leads to an address that is not public'), outcome: 'refused' }
  if (error instanceof UncheckableUrlError) return lasting('bad-redirect', `where it redirects to ${error.message}`)
  const { code } = error as NodeJS.ErrnoException
  const known = BY_CODE[code ?? ''] ?? BY_FAMILY.find(([family]) => family.test(code ?? ''))?.[1]
  if (known === undefined) throw error
  return known
}

function passing(code: string, message: string): Trouble {
  return { outcome: 'failed', code, message, isPassing: true }
}

function lasting(code: string, message: string): Trouble {
  return { outcome: 'failed', code, message, isPassing: false }
}
