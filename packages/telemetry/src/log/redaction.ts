import { describeError, withoutCredentials } from '@jobport/core'

const HIDDEN = '***'
const SECRET_KEY =
  /^(pass(word|wd|phrase)?|pwd|secret|(.*[-_])?token|.*[-_]?secret|authorization|(set-)?cookie|(.*[-_])?api[-_]?key|(.*[-_])?private[-_]?key|credentials?)$/i
/** Deeper, and longer than any line should be. */
const DEEPEST = 8
const LONGEST_LIST = 100

/**
 * Copies values without secrets: fields named as secrets are, fields at the end of one of `paths` (`card.number`, `users.*.password`), and credentials that
 * stand in texts. An error becomes its description.
 */
export function redactor(paths: readonly string[] = []): (value: unknown) => unknown {
  const patterns = paths.map((path) => path.split('.'))
  const isSecret = (path: readonly string[]): boolean =>
    SECRET_KEY.test(path.at(-1) ?? '') || patterns.some((pattern) => endsWith(path, pattern))

  const clean = (value: unknown, path: readonly string[]): unknown => {
    if (path.length > 0 && isSecret(path)) return HIDDEN
    if (typeof value === 'string') return withoutCredentials(value)
    if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value
    if (path.length >= DEEPEST) return '…'
    if (value instanceof Error) return describeError(value)
    if (Array.isArray(value))
      return value.slice(0, LONGEST_LIST).map((item, index) => clean(item, [...path, String(index)]))
    if (typeof read(() => (value as { toJSON?: unknown }).toJSON) === 'function')
      return clean(
        read(() => (value as { toJSON(): unknown }).toJSON()),
        path,
      )
    return Object.fromEntries(
      Object.keys(value).map((key) => [
        key,
        clean(
          read(() => (value as Record<string, unknown>)[key]),
          [...path, key],
        ),
      ]),
    )
  }
  return (value) => clean(value, [])
}

function endsWith(path: readonly string[], pattern: readonly string[]): boolean {
  const start = path.length - pattern.length
  return start >= 0 && pattern.every((part, index) => part === '*' || part === path[start + index])
}

function read(get: () => unknown): unknown {
  try {
    return get()
  } catch {
    return undefined
  }
}
