import { OptionError } from '../errors/option-error.ts'

const NAME = /^[A-Za-z0-9._:-]{1,80}$/
const RESERVED = 'jobport.'

/** @throws OptionError unless 1 to 80 of `[A-Za-z0-9._:-]`. */
export function checkName(value: string, option: string): string {
  if (typeof value === 'string' && NAME.test(value)) return value
  throw new OptionError(option, `${quote(value)} is not a name; use 1 to 80 of the characters A-Z a-z 0-9 . _ : -`)
}

/** As `checkName`, and keeps users off the names that jobport uses itself. */
export function checkOwnName(value: string, option: string): string {
  if (isReserved(checkName(value, option)))
    throw new OptionError(option, `names that begin with ${RESERVED} are reserved`)
  return value
}

function isReserved(name: string): boolean {
  return name.startsWith(RESERVED)
}

/** Unique keys and groups: any text of 1 to 512 characters that every backend can store. */
export function checkKey(value: string, option: string): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= 512 && isStorable(value)) return value
  throw new OptionError(
    option,
    `${quote(value)} is not usable; give 1 to 512 characters without NUL and without lone surrogates`,
  )
}

/** @throws OptionError naming the header. Keys: 1 to 80 of `[a-z0-9._-]`; values: up to 4096 characters. */
export function checkHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [key, value] of Object.entries(headers)) {
    if (!/^[a-z0-9._-]{1,80}$/.test(key) || key === '__proto__') {
      throw new OptionError(
        'headers',
        `${quote(key)} is not a header name; use 1 to 80 of the characters a-z 0-9 . _ -`,
      )
    }
    if (typeof value !== 'string' || value.length > 4096 || !isStorable(value)) {
      throw new OptionError(
        `headers.${key}`,
        'must be text of at most 4096 characters without NUL and without lone surrogates',
      )
    }
  }
  return headers
}

function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

function quote(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}
