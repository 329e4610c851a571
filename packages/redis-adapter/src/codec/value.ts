/** Begins what is wrapped. No JSON text does. */
const MARK = '\u0001'

/** Text that Redis gives back as it was: what UTF-8 cannot say is escaped. */
export function wrap(value: string): string {
  return value.isWellFormed() && value.charCodeAt(0) !== 1 ? value : MARK + JSON.stringify(value)
}

export function unwrap(text: string): string {
  return text.charCodeAt(0) === 1 ? (JSON.parse(text.slice(1)) as string) : text
}
