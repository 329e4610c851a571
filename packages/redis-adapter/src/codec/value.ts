/** Begins what is wrapped. No JSON text does. */
const MARK = '\u0001'

/** Parts what is read together. Nothing that is wrapped has it, and no JSON text. */
export const SEPARATOR = '\u0002'

/** Text that Redis gives back as it was: what UTF-8 cannot say is escaped, and what has a meaning here. */
export function wrap(value: string): string {
  const isPlain = value.isWellFormed() && value.charCodeAt(0) !== 1 && !value.includes(SEPARATOR)
  return isPlain ? value : MARK + JSON.stringify(value)
}

export function unwrap(text: string): string {
  return text.charCodeAt(0) === 1 ? (JSON.parse(text.slice(1)) as string) : text
}
