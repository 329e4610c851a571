import type { Features, Limits } from '@jobport/core/adapter'
import { chapters } from '../chapters.ts'
import type { Chapter } from '../suite/case.ts'
import type { Column } from './column.ts'

const FEATURES: Readonly<Record<keyof Features, string>> = {
  state: 'jobs can be found, counted, watched, cancelled',
  results: 'results are kept',
  delay: 'jobs that run later',
  priority: 'jobs that overtake',
  unique: 'unique keys',
  group: 'groups that run in order',
  fifo: 'claims in the order of the enqueue',
  atomicFollowUps: 'outcome and follow-ups in one write',
  transactions: 'enqueue and complete in your transaction',
}

const LIMITS: Readonly<Record<keyof Limits, readonly [what: string, write: (limit: number) => string]>> = {
  enqueueBatch: ['jobs in one enqueue', count],
  claimBatch: ['jobs in one claim', count],
  settleBatch: ['jobs in one settle', count],
  payloadBytes: ['payload', bytes],
  priorities: ['priorities', count],
  delay: ['longest delay', duration],
  retryDelay: ['longest delay of a retry', duration],
  lease: ['longest lease', duration],
  tick: ['shortest lease', duration],
}

/** The document that shows what each backend can do: the same text for the same results. `annexes`: titles of those that follow it. */
export function capabilities(columns: readonly Column[], annexes: readonly string[] = []): string {
  return textOf([
    '# Capabilities',
    '<!-- Written by the conformance suite from its results. Do not edit. -->',
    'What each backend can do, as the conformance suite found it.',
    ...annexes.map((title) => `At the end: [${title}](#${title.toLowerCase().replaceAll(' ', '-')}).`),
    ...overview(columns, '##'),
    '## Every case',
    ...chapters.flatMap((chapter) => [`### ${chapter.id} ${chapter.title}`, everyCase(chapter, columns)]),
  ])
}

/** A section at the end of the document, for backends that would make the tables of the document too wide. It counts the cases and does not list them. */
export function annex(title: string, columns: readonly Column[]): string {
  return textOf([`## ${title}`, ...overview(columns, '###')])
}

function textOf(paragraphs: readonly string[]): string {
  return `${paragraphs.join('\n\n')}\n`
}

function overview(columns: readonly Column[], heading: '##' | '###'): readonly string[] {
  return [
    `${heading} Features`,
    table(
      columns,
      '',
      rowsOf(FEATURES).map(([feature, what]) => [
        `\`${feature}\`: ${what}`,
        ({ features }) => (features[feature] ? '✓' : '–'),
      ]),
    ),
    `${heading} Limits`,
    table(
      columns,
      '',
      rowsOf(LIMITS).map(([limit, [what, write]]) => [`\`${limit}\`: ${what}`, ({ limits }) => write(limits[limit])]),
    ),
    `${heading} Cases`,
    'Passed cases of each chapter; `+n` were skipped, for the reasons below.',
    table(
      columns,
      'chapter',
      chapters.map((chapter) => [`${chapter.id} ${chapter.title}`, (column) => summary(chapter, column)]),
    ),
    ...skips(columns, `${heading}#`),
  ]
}

/** One line for each backend, for a terminal. */
export function summaries(columns: readonly Column[]): readonly string[] {
  return columns.map(({ backend, results }) => {
    const countOf = (status: string): number =>
      [...results.values()].filter((result) => result.status === status).length
    const [failed, skipped] = [countOf('failed'), countOf('skipped')]
    return `conformance of ${backend}: ${countOf('passed')} passed${failed > 0 ? `, ${failed} failed` : ''}${skipped > 0 ? `, ${skipped} skipped` : ''}`
  })
}

function everyCase({ cases }: Chapter, columns: readonly Column[]): string {
  return table(
    columns,
    'case',
    cases.map(({ id, title }) => [
      `${id} ${title}`,
      ({ results }) => (results.get(id)?.status === 'passed' ? '✓' : 'skipped'),
    ]),
  )
}

function summary({ cases }: Chapter, { results }: Column): string {
  const passed = cases.filter(({ id }) => results.get(id)?.status === 'passed').length
  return passed === cases.length ? String(passed) : `${passed} +${cases.length - passed}`
}

function skips(columns: readonly Column[], heading: string): readonly string[] {
  return columns.flatMap(({ backend, results }) => {
    const reasons = new Map<string, string[]>()
    for (const { id } of chapters.flatMap(({ cases }) => cases)) {
      const { status, reason = 'not run' } = results.get(id) ?? { status: 'skipped' }
      if (status === 'skipped') reasons.set(reason, [...(reasons.get(reason) ?? []), id])
    }
    if (reasons.size === 0) return []
    const lines = [...reasons].map(([reason, ids]) => `- ${escape(reason)}: ${ids.join(', ')}`).toSorted()
    return [`${heading} Skipped on ${escape(backend)}`, lines.join('\n')]
  })
}

type Row = readonly [label: string, cell: (column: Column) => string]

function table(columns: readonly Column[], corner: string, rows: readonly Row[]): string {
  return [
    line([corner, ...columns.map(({ backend }) => escape(backend))]),
    line(['---', ...columns.map(() => ':-:')]),
    ...rows.map(([label, cell]) => line([escape(label), ...columns.map(cell)])),
  ].join('\n')
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function rowsOf<T extends object>(rows: T): readonly [keyof T, T[keyof T]][] {
  return Object.entries(rows) as [keyof T, T[keyof T]][]
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('{{', '{ {')
}

function bytes(count: number): string {
  if (count === Infinity) return 'no end'
  if (count % 1_048_576 === 0) return `${count / 1_048_576} MiB`
  return count % 1_024 === 0 ? `${count / 1_024} KiB` : `${count} bytes`
}

/** Of 365 days. */
const YEAR = 31_536_000_000

function count(number: number): string {
  return number.toLocaleString('en')
}

function duration(ms: number): string {
  if (ms === Infinity) return 'no end'
  if (ms === 0) return '–'
  if (ms >= 1_000 * YEAR) return `${count(Math.floor(ms / YEAR))} years`
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ] as const
  const [size, unit] = units.find(([length]) => ms % length === 0) ?? [1, 'ms']
  return `${ms / size} ${unit}`
}
