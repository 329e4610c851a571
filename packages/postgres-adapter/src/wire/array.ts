/** Texts of array values. The driver's own encoding looks at each element several times. */

/** Of numbers and UUIDs, which need no quotes; `undefined` is null. */
export function plainArray(items: readonly (number | string | undefined)[]): string {
  let text = '{'
  for (let index = 0; index < items.length; index++) {
    if (index > 0) text += ','
    text += items[index] ?? 'NULL'
  }
  return text + '}'
}

export function textArray(items: readonly (string | undefined)[]): string {
  let text = '{'
  for (let index = 0; index < items.length; index++) {
    if (index > 0) text += ','
    const item = items[index]
    text += item === undefined ? 'NULL' : '"' + (SPECIAL.test(item) ? item.replace(SPECIALS, '\\$&') : item) + '"'
  }
  return text + '}'
}

const SPECIAL = /["\\]/
const SPECIALS = /["\\]/g

/** The numbers in the text of an array of numbers. */
export function parseNumbers(text: string): number[] {
  return text.length <= 2 ? [] : text.slice(1, -1).split(',').map(Number)
}

/** The elements of an array of texts without control characters, as Postgres writes it. */
export function parseTexts(text: string): (string | null)[] {
  const items: (string | null)[] = []
  const element = /"((?:[^"\\]|\\.)*)"|([^,{}"]+)/gs
  for (let match = element.exec(text); match !== null; match = element.exec(text)) {
    if (match[1] !== undefined) items.push(match[1].replace(/\\(.)/gs, '$1'))
    else items.push(match[2] === 'NULL' ? null : match[2]!)
  }
  return items
}
