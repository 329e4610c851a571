import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { capabilities, isWhole, readResults, summaries } from '../src/index.ts'

const DOCUMENT = join(import.meta.dirname, '../../../docs/capabilities.md')

/** A global setup of vitest: collects what all test files find, and writes the document when they found out everything. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'jobport-conformance-'))
  process.env['JOBPORT_CONFORMANCE'] = folder
  return () => {
    const columns = readResults(folder)
    rmSync(folder, { recursive: true })
    if (columns.length === 0) return
    console.log(summaries(columns).join('\n'))
    const known = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : ''
    const present = new Set(columns.filter(isWhole).map(({ backend }) => backend))
    if (present.size < columns.length || named(known).some((backend) => !present.has(backend))) return
    const written = capabilities(columns)
    if (written !== known) writeFileSync(DOCUMENT, written)
  }
}

/** The backends that the document speaks of: a run without one of them must not strike it out. */
function named(document: string): readonly string[] {
  const [, heads = ''] = /\n\|  \|(.*)\|\n/.exec(document) ?? []
  return heads
    .split('|')
    .map((head) => head.trim())
    .filter((head) => head !== '')
}
