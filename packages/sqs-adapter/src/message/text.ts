/** What a message may not contain, and what some emulators refuse besides: all beyond the basic plane. */
const UNSAFE = /[^\t\n\r\x20-\uD7FF\uE000-\uFFFD]/
const EACH_UNSAFE = /[^\t\n\r\x20-\uD7FF\uE000-\uFFFD]/g
/** The same code units as JSON escapes: taken back, they could not be told from ours. */
const ESCAPED = /\\u(?:00(?:0[0-8bcef]|1[\da-f])|d[89a-f][\da-f]{2}|fff[ef])/i
const EACH_ESCAPED = /\\u([\da-f]{4})/g

export function isSafe(text: string): boolean {
  return !UNSAFE.test(text)
}

/** Unsafe code units of JSON text as escapes, which mean the same to every reader of JSON. */
export function escapeUnsafe(json: string): string {
  return json.replace(EACH_UNSAFE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** How JSON text was made safe: to be reversed to the last code unit. */
export type Disguise = 'escaped' | 'base64'

/** JSON text that a message can carry in the stead of this. */
export function disguise(json: string): readonly [disguise: Disguise, text: string] {
  // As JSON the escapes alone would do; but the text must come back as it was.
  if (!ESCAPED.test(json)) return ['escaped', escapeUnsafe(json)]
  return ['base64', `"${Buffer.from(json).toString('base64')}"`]
}

export function undisguise(text: string, how: Disguise): string {
  if (how === 'base64') return Buffer.from(text.slice(1, -1), 'base64').toString()
  return text.replace(EACH_ESCAPED, (escape, hex: string) => {
    const unit = String.fromCharCode(Number.parseInt(hex, 16))
    return isSafe(unit) ? escape : unit
  })
}
