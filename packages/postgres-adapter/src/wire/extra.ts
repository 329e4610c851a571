import type { NewJob } from '@jobport/core/adapter'

/** What few jobs have. Every value is text, because Postgres must be able to read this, and would not take the lone surrogates in some. */
export interface Extra {
  /** The id, where it is not the key. */
  readonly i?: string
  /** Headers as JSON. */
  readonly h?: string
  readonly p?: string
  /** Group and unique key, as they are stored. */
  readonly g?: string
  readonly u?: string
}

/** `isOwnKey`: the id need not be told, since it is the key. */
export function extraOf({ id, headers, policy, group, unique }: NewJob, isOwnKey: boolean): string | undefined {
  const extra: { -readonly [K in keyof Extra]: Extra[K] } = {}
  let some = false
  if (!isOwnKey) {
    extra.i = id
    some = true
  }
  for (const _ in headers) {
    extra.h = JSON.stringify(headers)
    some = true
    break
  }
  if (policy !== undefined) {
    extra.p = policy
    some = true
  }
  if (group !== undefined) {
    extra.g = storedKey(group)
    some = true
  }
  if (unique !== undefined) {
    extra.u = storedKey(unique.key)
    some = true
  }
  return some ? JSON.stringify(extra) : undefined
}

/** Keys are stored as JSON strings: Postgres' text cannot hold a lone surrogate. */
export function storedKey(key: string): string {
  return JSON.stringify(key)
}

export const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({})

export function headersOf({ h }: Extra): Readonly<Record<string, string>> {
  return h === undefined ? NO_HEADERS : JSON.parse(h)
}
