import { basename } from 'node:path'
import { JobDeadError, type Queue, type Ticket } from '@jobport/core'
import type { DatabaseFeatures } from '../store/connect.ts'
import { importLog, importOptions, importProgress, type ImportResult } from './job.ts'

export interface ImportedFile {
  readonly file: string
  /** What became of it, or why nothing did. */
  readonly result: ImportResult | Error
}

export interface ImportListener {
  /** A file has come to its end. */
  ended(file: ImportedFile): void
  /** Lines so far, of the files that are being read. */
  progress(lines: number): void
}

const PROGRESS_EVERY = 1_000

/** Enqueues a job for each file, and waits for their ends. */
export async function importFiles(
  queue: Queue<DatabaseFeatures>,
  files: readonly string[],
  listener: ImportListener,
  signal: AbortSignal,
): Promise<readonly ImportedFile[]> {
  const jobs = files.map((file) => ({ input: { file }, options: importOptions(file) }))
  const receipts = await queue.enqueueMany(importLog, jobs)
  const progress = async () => listener.progress(await linesUnderWay(queue))
  // It is only shown, and comes again.
  const showing = setInterval(() => void progress().catch(() => {}), PROGRESS_EVERY)
  try {
    return await Promise.all(
      receipts.map(async (receipt, index) => {
        if (receipt.status === 'refused') throw receipt.error
        const ended = { file: files[index]!, result: await resultOf(receipt.ticket, signal) }
        listener.ended(ended)
        return ended
      }),
    )
  } finally {
    clearInterval(showing)
  }
}

/** A line for people. */
export function describe({ file, result }: ImportedFile): string {
  const name = basename(file)
  if (result instanceof Error) return `${name}  FAILED: ${result.message}`
  const { lines, rejected, broken, partOf, wasKnown } = result
  const notes = [
    ...(wasKnown ? ['imported before'] : []),
    ...(partOf === null ? [] : [`all of it is in ${basename(partOf)}`]),
    ...(rejected === 0 ? [] : [`${rejected.toLocaleString('en')} rejected`]),
    ...(broken === null ? [] : [`breaks off in line ${lines.toLocaleString('en')}: ${broken}`]),
  ]
  return [`${name}  ${lines.toLocaleString('en')} lines`, ...notes].join(', ')
}

async function resultOf(ticket: Ticket<ImportResult>, signal: AbortSignal): Promise<ImportResult | Error> {
  try {
    return await ticket.result({ signal })
  } catch (error) {
    if (error instanceof JobDeadError) return (error.cause as Error | undefined) ?? error
    throw error
  }
}

async function linesUnderWay(queue: Queue<DatabaseFeatures>): Promise<number> {
  const { jobs } = await queue.inspect.list({ queue: importLog.queue, state: 'active', limit: 100 })
  return jobs
    .map(({ progress }) => importProgress.safeParse(JSON.parse(progress ?? 'null')))
    .reduce((sum, { data }) => sum + (data?.lines ?? 0), 0)
}
