import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Features, Limits } from '@jobport/core/adapter'
import { chapters } from '../chapters.ts'
import type { CaseResult } from '../suite/run-cases.ts'
import type { Line } from './recorder.ts'

/** A backend in the matrix. */
export interface Column {
  readonly backend: string
  readonly table?: string
  readonly features: Features
  readonly limits: Limits
  readonly results: ReadonlyMap<string, Pick<CaseResult, 'status' | 'reason'>>
}

/** What `testBackend` left in a folder, by name of the backend. */
export function readResults(folder: string): readonly Column[] {
  const columns = new Map<string, Column>()
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.jsonl')) : []
  for (const file of files) {
    const [head, ...lines] = readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line)
    if (head === undefined || !('backend' in head)) continue
    const { backend, table, features, limits } = head
    const known = columns.get(backend)?.results ?? []
    const results = new Map([...known, ...lines.flatMap((line) => ('id' in line ? [[line.id, line] as const] : []))])
    columns.set(backend, { backend, ...(table !== undefined && { table }), features, limits: endless(limits), results })
  }
  return [...columns.values()].toSorted((a, b) => (a.backend < b.backend ? -1 : 1))
}

/** Every case was run or skipped for a reason, and none failed. */
export function isWhole({ results }: Column): boolean {
  const cases = chapters.flatMap((chapter) => chapter.cases)
  return cases.every(({ id }) => results.has(id) && results.get(id)!.status !== 'failed')
}

/** JSON has no Infinity. */
function endless(limits: Limits): Limits {
  return Object.fromEntries(
    Object.entries(limits).map(([name, limit]) => [name, limit ?? Infinity]),
  ) as unknown as Limits
}
