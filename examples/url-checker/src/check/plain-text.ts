/** Marks that turn the direction of a text around: a title must not be able to rewrite the line it is shown in. */
const DIRECTION_MARKS = /[\u202A-\u202E\u2066-\u2069]/gu

/** One line of a stranger's text that can be stored and shown: no control characters, no halves of characters, at most `most` characters. */
export function plainText(text: string, most: number): string {
  const line = text
    .toWellFormed()
    .replaceAll(DIRECTION_MARKS, '')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  const characters = Array.from(line)
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : line
}
