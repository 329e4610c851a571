import { handle, Unrecoverable, type Handler } from '@jobport/core'
import { NotGzipError } from '../archive/gunzip.ts'
import { openArchive } from '../archive/read-archive.ts'
import type { LogStore } from '../store/log-store.ts'
import { importLog, type ImportResult } from './job.ts'

const PROGRESS_EVERY = 500

/** Imports files into `logs`; `onImported` learns of each that is. */
export function importHandler(logs: LogStore, onImported: (result: ImportResult) => void = () => {}): Handler {
  return handle(importLog, async ({ file }, { job, progress, signal }) => {
    await using archive = await openArchive(file)
    const known = await logs.find(archive.sha256)
    if (known !== undefined) return { ...known, wasKnown: true }

    let told = performance.now()
    const onProgress = (lines: number, rejected: number) => {
      if (performance.now() - told < PROGRESS_EVERY) return
      told = performance.now()
      progress({ lines, rejected, share: archive.share })
    }
    try {
      const imported = await logs.load(archive, archive.unpacked, {
        signal,
        onProgress,
        within: (tx, imported) => job.complete(tx, { ...imported, wasKnown: false }),
      })
      const result = { ...imported, wasKnown: false }
      onImported(result)
      return result
    } catch (error) {
      if (error instanceof NotGzipError) throw new Unrecoverable(error.message, { cause: error })
      throw error
    }
  })
}
