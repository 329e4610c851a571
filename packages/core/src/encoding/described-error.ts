import type { Encoded } from '../contract/job.ts'
import { withoutCredentials } from './credentials.ts'

/** An error as it is stored and shown: plain data, of bounded size. */
export interface DescribedError {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
  readonly cause?: DescribedError
}

const MAX_NAME = 200
const MAX_MESSAGE = 8 * 1024
const MAX_STACK = 16 * 1024
const MAX_CAUSES = 5

/**
 * Describes whatever was thrown, without the credentials that can be told by their looks. Never throws itself, also when the thrown object does upon being
 * read. `hide` removes other secrets from every text.
 */
export function describeError(thrown: unknown, hide: (text: string) => string = asItIs): DescribedError {
  return describe(thrown, (text, length) => cut(withoutCredentials(hide(text)), length), 0)
}

function describe(thrown: unknown, fit: (text: string, length: number) => string, depth: number): DescribedError {
  if (typeof thrown !== 'object' || thrown === null) {
    return { name: 'Error', message: fit(`thrown: ${asText(thrown)}`, MAX_MESSAGE) }
  }
  const name = read(thrown, 'name')
  const message = read(thrown, 'message')
  const code = read(thrown, 'code')
  const stack = read(thrown, 'stack')
  const cause = read(thrown, 'cause')
  return {
    name: fit(typeof name === 'string' && name !== '' ? name : 'Error', MAX_NAME),
    message: fit(typeof message === 'string' ? message : asText(thrown), MAX_MESSAGE),
    ...((typeof code === 'string' || typeof code === 'number') && { code: fit(String(code), MAX_NAME) }),
    ...(typeof stack === 'string' && { stack: fit(stack, MAX_STACK) }),
    ...(cause !== undefined && cause !== null && depth < MAX_CAUSES && { cause: describe(cause, fit, depth + 1) }),
  }
}

export function encodeError(thrown: unknown, hide?: (text: string) => string): Encoded {
  return JSON.stringify(describeError(thrown, hide))
}

/** An `Error` made of a description, so that it prints well and can be a `cause`. */
export function reviveError(encoded: Encoded): Error {
  return revive(JSON.parse(encoded) as DescribedError)
}

function revive(described: DescribedError): Error {
  const error = new Error(described.message, described.cause === undefined ? {} : { cause: revive(described.cause) })
  error.name = described.name
  if (described.stack !== undefined) error.stack = described.stack
  return described.code === undefined ? error : Object.assign(error, { code: described.code })
}

function read(thrown: object, key: string): unknown {
  try {
    return (thrown as Record<string, unknown>)[key]
  } catch {
    return undefined
  }
}

function asText(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return 'something that cannot be written as text'
  }
}

function asItIs(text: string): string {
  return text
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
