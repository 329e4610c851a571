import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { writeSamples } from '../src/samples/samples.ts'

let drawn: Promise<string> | undefined

/** The samples, drawn once for all tests of a file. */
export function sharedSamples(): Promise<string> {
  drawn ??= draw()
  return drawn
}

async function draw(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'jobport-samples-'))
  await writeSamples(folder, 'all', new AbortController().signal)
  return folder
}

afterAll(async () => {
  if (drawn !== undefined) await rm(await drawn, { recursive: true, force: true })
})
