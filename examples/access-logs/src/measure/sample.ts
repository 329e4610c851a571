import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { writeSamples } from '../generate/write-samples.ts'

/** A file with so many lines, made where there is none. */
export async function sampleOf(folder: string, lines: number): Promise<string> {
  const name = join(folder, `${lines}.ltsv.gz`)
  if (existsSync(name)) return name
  const options = { folder, day: '2017-11-01', days: 1, lines, uris: 500, seed: 1, damaged: 0, truncated: false }
  const [file] = await writeSamples(options)
  await rename(file!, name)
  return name
}
