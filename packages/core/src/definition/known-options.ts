import { OptionError } from '../errors/option-error.ts'

/** @throws OptionError for the first key that is not known, with the nearest one that is. */
export function checkKnown(options: object, known: readonly string[], of: string): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue
    const nearest = known.toSorted((a, b) => distance(a, key) - distance(b, key))[0]
    const hint =
      nearest !== undefined && distance(nearest, key) <= 3
        ? `did you mean "${nearest}"?`
        : `known are ${known.join(', ')}`
    throw new OptionError(key, `is no option of ${of}; ${hint}`)
  }
}

/** Levenshtein distance, letter case aside. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const above = row
    row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1]!.toLowerCase() === b[j - 1]!.toLowerCase() ? 0 : 1
      row.push(Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + change))
    }
  }
  return row[b.length]!
}
