import type { Count } from '../store/log-store.ts'

/** What stands for the uris that are not shown one by one. */
const OTHERS = '(others)'

/** For people: a paragraph for each day. */
export function asTable(counts: readonly Count[]): string {
  const width = Math.max(0, ...counts.map(({ count }) => count.toLocaleString('en').length))
  const lines: string[] = []
  let last: string | undefined
  for (const { day, uri, count } of counts) {
    if (day !== last) lines.push(...(last === undefined ? [] : ['']), day)
    last = day
    lines.push(`  ${count.toLocaleString('en').padStart(width)}  ${nameOf(uri)}`)
  }
  return lines.length === 0 ? 'There is nothing in these days.' : lines.join('\n')
}

/** RFC 4180, with a header. */
export function asCsv(counts: readonly Count[]): string {
  const rows = counts.map(({ day, uri, count }) => `${day},${quoted(uri ?? OTHERS)},${count}`)
  return ['day,uri,count', ...rows].join('\r\n')
}

/** An array with a line for each count. The uri of those that are not shown one by one is `null`. */
export function asJson(counts: readonly Count[]): string {
  return `[\n${counts.map((count) => `  ${JSON.stringify(count)}`).join(',\n')}\n]`
}

/** What people see. Whoever asks for a uri chooses its characters; none of them is to move the cursor of whoever reads this, or to break a picture. */
export function nameOf(uri: string | null): string {
  if (uri === null) return OTHERS
  return uri.replaceAll(/\p{Cc}/gu, (character) => `\\x${character.codePointAt(0)!.toString(16).padStart(2, '0')}`)
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
