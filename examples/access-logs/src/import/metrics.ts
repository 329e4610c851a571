import { Counter, type Registry } from 'prom-client'
import type { ImportResult } from './job.ts'

/** Counts what was imported. Answers what is to be told of each file. */
export function importMetrics(registry: Registry): (result: ImportResult) => void {
  const registers = [registry]
  const files = new Counter({
    name: 'access_logs_files_total',
    help: 'Files that were imported: whole, broken (they could not be read to their end), or part (another file has all of them).',
    labelNames: ['outcome'],
    registers,
  })
  const lines = new Counter({
    name: 'access_logs_lines_total',
    help: 'Lines that were read, kept or rejected.',
    labelNames: ['outcome'],
    registers,
  })
  for (const outcome of ['whole', 'broken', 'part']) files.inc({ outcome }, 0)
  for (const outcome of ['kept', 'rejected']) lines.inc({ outcome }, 0)
  return ({ kept, rejected, broken, partOf }) => {
    files.inc({ outcome: partOf !== null ? 'part' : broken !== null ? 'broken' : 'whole' })
    lines.inc({ outcome: 'kept' }, kept)
    lines.inc({ outcome: 'rejected' }, rejected)
  }
}
