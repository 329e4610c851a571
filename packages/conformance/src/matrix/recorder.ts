import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Backend } from '@jobport/core/adapter'
import type { Harness } from '../harness.ts'
import type { Case } from '../suite/case.ts'
import type { CaseResult } from '../suite/run-cases.ts'

/** Names the folder in which results are left. */
const RESULTS = 'JOBPORT_CONFORMANCE'

/** A line of a result file. Infinity is written as `null`, as JSON has none. */
export type Line =
  | {
      readonly backend: string
      readonly table?: string
      readonly features: Backend['features']
      readonly limits: Backend['limits']
    }
  | Pick<CaseResult, 'id' | 'status' | 'reason'>

/** Writes down what becomes of each case, line by line, so that nothing has to run at the end. One file for each call. */
export function recorder(
  harness: Harness,
  backend: Backend,
): (each: Case, status: CaseResult['status'], reason?: string) => void {
  const folder = process.env[RESULTS]
  if (folder === undefined || harness.matrix === false) return () => {}
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${encodeURIComponent(harness.name)}.${process.pid}.${performance.now()}.jsonl`)
  const write = (line: Line): void => appendFileSync(file, `${JSON.stringify(line)}\n`)
  const { name, table } = harness
  write({
    backend: name,
    ...(table !== undefined && { table }),
    features: backend.features,
    limits: backend.limits,
  })
  return ({ id }, status, reason) => write({ id, status, ...(reason !== undefined && { reason }) })
}
