import type { Encoded } from '../contract/job.ts'
import { hiding } from '../encoding/credentials.ts'
import { decode } from '../encoding/json.ts'
import { OptionError } from '../errors/option-error.ts'

/** A shorter value would be found in every text, and tells nothing. */
const SHORTEST = 3

/** A path through an input, such as `card.number` or `users.*.password`; `*` stands for every element or key. */
export type SecretPath = string

/** @throws OptionError */
export function checkSecret(paths: readonly SecretPath[]): readonly SecretPath[] {
  for (const path of paths) {
    if (typeof path !== 'string' || path.split('.').includes(''))
      throw new OptionError(
        'secret',
        `${JSON.stringify(path)} is no path; give one such as 'card.number' or 'users.*.password'`,
      )
  }
  return paths
}

/** What hides the values of the secret fields of an input; `undefined` where there are none. */
export function hiderOf(paths: readonly SecretPath[], input: unknown): ((text: string) => string) | undefined {
  const values = paths.flatMap((path) => valuesAt(input, path.split('.'))).filter(({ length }) => length >= SHORTEST)
  return values.length === 0 ? undefined : hiding(values)
}

/** The same of an input as it is stored. */
export function hiderOfPayload(paths: readonly SecretPath[], payload: Encoded): ((text: string) => string) | undefined {
  if (paths.length === 0) return undefined
  try {
    return hiderOf(paths, decode(payload))
  } catch {
    return undefined // it is not JSON: nobody has read a value of it
  }
}

/** The value with every text in it hidden; what is a secret number becomes a text. */
export function hideIn(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === 'string') return hide(value)
  if (typeof value === 'number') {
    const text = hide(String(value))
    return text === String(value) ? value : text
  }
  if (Array.isArray(value)) return value.map((item) => hideIn(item, hide))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hideIn(item, hide)]))
}

function valuesAt(value: unknown, [key, ...rest]: readonly string[]): readonly string[] {
  if (key === undefined) return textsIn(value)
  if (typeof value !== 'object' || value === null) return []
  if (key === '*') return Object.values(value).flatMap((item) => valuesAt(item, rest))
  return Object.hasOwn(value, key) ? valuesAt((value as Record<string, unknown>)[key], rest) : []
}

/** A secret object is secret in all its parts. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number' || typeof value === 'bigint') return [String(value)]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
