import { createQueue, createWorker, type Worker } from '@jobport/core'
import { onTestFinished } from 'vitest'
import type { DatabaseConfiguration } from '../src/configuration.ts'
import { importFiles } from '../src/import/import-files.ts'
import { importHandler } from '../src/import/import-handler.ts'
import type { ImportResult } from '../src/import/job.ts'
import { connect } from '../src/store/connect.ts'
import type { LogStore } from '../src/store/log-store.ts'

export interface Importer {
  readonly logs: LogStore
  /** Works from the start, unless that is left to the test. */
  readonly worker: Worker
  import(...files: readonly string[]): Promise<readonly (ImportResult | Error)[]>
}

/** Imports with a worker in this process. */
export async function importer(
  configuration: DatabaseConfiguration,
  { works = true, onImported }: { readonly works?: boolean; readonly onImported?: () => never } = {},
): Promise<Importer> {
  const { backend, logs, open, close } = connect(configuration, 2)
  await open()
  const queue = createQueue(backend)
  const worker = createWorker(backend, [importHandler(logs, onImported)], { concurrency: 2, claimAhead: 0 })
  if (works) await worker.start()
  onTestFinished(async () => {
    await worker.close()
    await queue.close()
    await close()
  })
  return {
    logs,
    worker,
    async import(...files) {
      const imported = await importFiles(queue, files, { ended() {}, progress() {} }, new AbortController().signal)
      return imported.map(({ result }) => result)
    },
  }
}
