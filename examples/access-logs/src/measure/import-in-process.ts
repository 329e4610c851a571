import { spawn } from 'node:child_process'
import { createQueue, createWorker } from '@jobport/core'
import { readDatabaseConfiguration } from '../configuration.ts'
import { importFiles } from '../import/import-files.ts'
import { importHandler } from '../import/import-handler.ts'
import { connect } from '../store/connect.ts'

export interface Took {
  readonly lines: number
  /** From the enqueue to the result. */
  readonly seconds: number
  /** The most memory that the process had. */
  readonly megabytes: number
}

/** Imports a file as a worker does, in a process of its own. */
export async function importInProcess(file: string, variables: Readonly<Record<string, string>>): Promise<Took> {
  const { POSTGRES_URL: _, ...inherited } = process.env
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, 'one', file], {
    env: { ...inherited, ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  for await (const part of child.stdout) output += String(part)
  return JSON.parse(output) as Took
}

/** What such a process does. */
export async function importOne(file: string, signal: AbortSignal): Promise<void> {
  const { backend, logs, open, close } = connect(readDatabaseConfiguration(), 1)
  const queue = createQueue(backend)
  const worker = createWorker(backend, [importHandler(logs)], { concurrency: 1, claimAhead: 0 })
  try {
    await open()
    await worker.start()
    const began = performance.now()
    const [imported] = await importFiles(queue, [file], { ended() {}, progress() {} }, signal)
    const seconds = (performance.now() - began) / 1_000
    if (imported!.result instanceof Error) throw imported!.result
    const megabytes = Math.round(process.resourceUsage().maxRSS / 1_024)
    console.log(JSON.stringify({ lines: imported!.result.lines, seconds, megabytes } satisfies Took))
  } finally {
    await worker.close()
    await queue.close()
    await close()
  }
}
