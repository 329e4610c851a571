import { appendFileSync } from 'node:fs'
import type { JobInfo, Worker } from '@jobport/core'

/** One thing that happened to a job. */
export interface HistoryLine {
  readonly at: string
  /** Of the process. */
  readonly pid: number
  readonly event: 'started' | 'completed' | 'failed' | 'dead' | 'released' | 'lost'
  readonly job: string
  readonly name: string
  readonly attempt: number
}

/** Writes down what a worker tells, one line each; it outlives a killed process. */
export function recordHistory(worker: Worker, file: string): void {
  const record = (event: HistoryLine['event']) => (job: JobInfo) => {
    const at = new Date().toISOString()
    const line: HistoryLine = { at, pid: process.pid, event, job: job.id, name: job.name, attempt: job.attempt }
    appendFileSync(file, `${JSON.stringify(line)}\n`)
  }
  worker
    .on('started', record('started'))
    .on('completed', record('completed'))
    .on('failed', record('failed'))
    .on('dead', record('dead'))
    .on('released', record('released'))
    .on('lost', record('lost'))
}
