import { hash } from 'node:crypto'
import { defineJob, type NewJobOptions } from '@jobport/core'
import { z } from 'zod'

const count = z.int().nonnegative()

const importResult = z.object({
  name: z.string(),
  lines: count,
  kept: count,
  rejected: count,
  broken: z.string().nullable(),
  partOf: z.string().nullable(),
  /** It had been imported before, and nothing was done. */
  wasKnown: z.boolean(),
})

export type ImportResult = z.infer<typeof importResult>

/** One file. Its result tells what became of it. */
export const importLog = defineJob('access-log.import', {
  queue: 'access-logs',
  input: z.object({ file: z.string().min(1) }),
  output: importResult,
  keep: { completed: '1d' },
})

/** What a running job reports now and then. */
export const importProgress = z.object({ lines: count, rejected: count, share: z.number() })

/** As long as a file's import has not ended, importing it again makes no second job. */
export function importOptions(file: string): Pick<NewJobOptions, 'unique'> {
  return { unique: { key: hash('sha256', file) } }
}
