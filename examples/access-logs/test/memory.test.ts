import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it, onTestFinished } from 'vitest'
import { openArchive } from '../src/archive/read-archive.ts'
import { writeSamples } from '../src/generate/write-samples.ts'
import { connect } from '../src/store/connect.ts'
import { DATABASES, temporaryFolder } from './databases.ts'

const LINES = 300_000
const EVERY = 50_000

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Megabytes that are in use, without garbage. */
function held(): number {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return (heapUsed + arrayBuffers) / 1e6
}

it.each(DATABASES)('an import into %s holds no more after many lines than after few', async (_, makeDatabase) => {
  const sample = { day: '2017-11-01', days: 1, lines: LINES, uris: 500, seed: 1, damaged: 0, truncated: false }
  const [file] = await writeSamples({ folder: temporaryFolder(), ...sample })
  const { configuration } = await makeDatabase()
  const { logs, open, close } = connect(configuration, 1)
  await open()
  onTestFinished(close)
  await using archive = await openArchive(file!)

  const megabytes: number[] = []
  const { lines } = await logs.load(archive, archive.unpacked, {
    signal: new AbortController().signal,
    onProgress: (lines) => {
      if (lines >= EVERY * (megabytes.length + 1)) megabytes.push(held())
    },
    within: async () => {},
  })
  expect(lines).toBe(LINES)
  // The lines themselves are 32 MB.
  expect(megabytes.length).toBeGreaterThanOrEqual(LINES / EVERY - 1)
  // What is on its way to the server at one moment is garbage at the next; what is held is there at each.
  expect(Math.min(...megabytes.slice(-3)) - megabytes[0]!).toBeLessThan(3)
})
