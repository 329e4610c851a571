import { createWriteStream } from 'node:fs'
import { mkdir, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { dayOf, nameOfDay } from '../ltsv/values.ts'
import { sampleLog, type SampleOptions } from './sample-log.ts'

export interface SamplesOptions extends SampleOptions {
  readonly folder: string
  /** A file for each, beginning with `day`. */
  readonly days: number
  /** Cuts the last file off in its middle. */
  readonly truncated: boolean
}

/** Writes gzip files of LTSV, one a day, and answers their names. */
export async function writeSamples({
  folder,
  days,
  truncated,
  ...options
}: SamplesOptions): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true })
  const first = dayOf(Date.parse(options.day) / 1_000)
  const files: string[] = []
  for (let index = 0; index < days; index++) {
    const day = nameOfDay(first + index)
    const file = join(folder, `access-${day}.ltsv.gz`)
    const log = sampleLog({ ...options, day, seed: options.seed + index })
    await pipeline(Readable.from(log), createGzip(), createWriteStream(file))
    files.push(file)
  }
  const last = files.at(-1)
  if (truncated && last !== undefined) await truncate(last, Math.floor((await stat(last)).size / 2))
  return files
}
