import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { sampleLog, type SampleOptions } from '../src/generate/sample-log.ts'
import type { Row } from './databases.ts'

const SAMPLE: SampleOptions = { day: '2017-11-01', lines: 5_000, uris: 50, seed: 7, damaged: 0.01 }

export function sampleText(options: Partial<SampleOptions> = {}): Buffer {
  return Buffer.concat([...sampleLog({ ...SAMPLE, ...options })])
}

export function gzipTo(folder: string, name: string, text: Buffer | string): string {
  const file = join(folder, name)
  writeFileSync(file, gzipSync(text))
  return file
}

/** What a log says, read in another way: the count of each uri per day. Of a log without damage. */
export function countsOf(text: Buffer): readonly Row[] {
  const counts = new Map<string, number>()
  for (const [, day, uri] of text.toString().matchAll(/^time:(\S+).*\turi:(\S+)/gm))
    counts.set(`${day} ${uri}`, (counts.get(`${day} ${uri}`) ?? 0) + 1)
  return [...counts]
    .map(([key, count]) => ({ day: key.split(' ')[0], uri: key.split(' ')[1], count }))
    .toSorted(byCount)
}

/** As the reports are ordered. */
export function byCount(a: Row, b: Row): number {
  const [x, y] = [a, b] as { readonly day: string; readonly uri: string; readonly count: number }[]
  return compare(x!.day, y!.day) || y!.count - x!.count || compare(x!.uri, y!.uri)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
