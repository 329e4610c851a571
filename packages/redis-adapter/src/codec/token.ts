const PLAIN = /^[\w:.+=/-]{2,}$/
/** Begins one that is wrapped. No other word does. */
const MARK = '%'

/** Any token as one word, as states and lists have it. */
export function packToken(token: string): string {
  return PLAIN.test(token) ? token : MARK + Buffer.from(token).toString('base64url')
}

/** The token that is kept so. */
export function unpackToken(word: string): string {
  return word.startsWith(MARK) ? Buffer.from(word.slice(1), 'base64url').toString() : word
}

/** `attempt ':' token`: what a store calls a claim, as scripts compare it. */
export function packClaim(text: string): string {
  const [, attempt, token] = /^(\d+):(.*)$/s.exec(text) ?? []
  return attempt === undefined ? packToken(text) : `${attempt}:${packToken(token!)}`
}
