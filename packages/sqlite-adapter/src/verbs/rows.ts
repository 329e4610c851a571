/** How many rows one statement inserts: more make the text longer, not the work shorter. */
const ROWS = 50

const texts = new Map<string, string>()

/** The text of an `insert` with its row of values repeated. A numbered parameter is the same in each row. */
export function repeated(sql: string, rows: number): string {
  const key = `${rows} ${sql}`
  let text = texts.get(key)
  if (text === undefined) {
    text = sql.replace(/(?<=\bvalues )\([?\d, ]+\)/, (row) => Array.from({ length: rows }, () => row).join(', '))
    texts.set(key, text)
  }
  return text
}

/** Cuts what is to be inserted into pieces of `ROWS` and the rest one by one, so that few different statements are prepared. */
export function pieces(count: number): number[] {
  const sizes: number[] = []
  for (let left = count; left > 0;) {
    const size = left >= ROWS ? ROWS : left >= 10 ? 10 : 1
    sizes.push(size)
    left -= size
  }
  return sizes
}
