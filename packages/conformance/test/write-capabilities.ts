import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { annex, capabilities, isWhole, readResults, summaries, type Column } from '../src/index.ts'

const DOCUMENT = join(import.meta.dirname, '../../../docs/capabilities.md')

/** What a harness names as its table. The whole suite is run on those by `npm run test:long` alone, and on the others by `npm test` alone. */
const STORED = 'Brokers with a store'

/** A global setup of vitest: collects what all test files find, and writes those parts of the document of which they found out everything. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'jobport-conformance-'))
  process.env['JOBPORT_CONFORMANCE'] = folder
  return () => {
    const columns = readResults(folder)
    rmSync(folder, { recursive: true })
    if (columns.length === 0) return
    console.log(summaries(columns).join('\n'))
    const known = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : ''
    const [alone, stored] = partsOf(known)
    const of = (title?: string): readonly Column[] => columns.filter(({ table }) => table === title)
    const parts = [
      newer(alone, of(), (all) => capabilities(all, [STORED])),
      newer(stored, of(STORED), (all) => annex(STORED, all)),
    ]
    const written = parts.filter((part) => part !== '').join('\n')
    if (written !== known) writeFileSync(DOCUMENT, written)
  }
}

function partsOf(document: string): readonly [alone: string, stored: string] {
  const at = document.indexOf(`\n## ${STORED}\n`)
  return at < 0 ? [document, ''] : [document.slice(0, at), document.slice(at + 1)]
}

/** A part of the document, unless not all is known for it. */
function newer(known: string, columns: readonly Column[], write: (columns: readonly Column[]) => string): string {
  const present = new Set(columns.filter(isWhole).map(({ backend }) => backend))
  const isLess = present.size < columns.length || named(known).some((backend) => !present.has(backend))
  return columns.length === 0 || isLess ? known : write(columns)
}

/** The backends that a part speaks of: a run without one of them must not strike it out. */
function named(document: string): readonly string[] {
  const [, heads = ''] = /\n\|  \|(.*)\|\n/.exec(document) ?? []
  return heads
    .split('|')
    .map((head) => head.trim())
    .filter((head) => head !== '')
}
