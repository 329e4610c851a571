import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { DATABASES, temporaryFolder, type TestDatabase } from './databases.ts'
import { byCount, countsOf, gzipTo, sampleText } from './logs.ts'
import { run, start, type Program } from './programs.ts'

const LINES = 300_000
const TEXT = sampleText({ lines: LINES, damaged: 0 })
const FAST = { LEASE_SECONDS: '2', STOP_GRACE_SECONDS: '1', LOG_LEVEL: 'info' }

describe.each(DATABASES)('%s: a worker in the middle of a file', (_, makeDatabase) => {
  it('is killed, and another one has each line once', async () => {
    const { database, file, importing, first } = await begin(makeDatabase)
    first.process.kill('SIGKILL')
    expect(await first.ended).toBe('SIGKILL')
    expect(await database.query('select 1 from requests limit 1')).toEqual([])

    start('worker', [], { ...database.variables, ...FAST })
    expect(await importing.ended).toBe(0)
    await expectAll(database, file)
  })

  it('stands still for longer than its lease, and what it does afterwards changes nothing', async () => {
    const { database, file, importing, first } = await begin(makeDatabase)
    first.process.kill('SIGSTOP')
    start('worker', [], { ...database.variables, ...FAST })
    expect(await importing.ended).toBe(0)
    await expectAll(database, file)

    first.process.kill('SIGCONT')
    await first.says('"event":"lost"')
    await expectAll(database, file)
    expect(await run('import', [file], database.variables)).toMatchObject({ code: 0 })
    await expectAll(database, file)
  })

  it('is told to stop, gives the file back, and ends well', async () => {
    const { database, file, importing, first } = await begin(makeDatabase)
    first.process.kill('SIGTERM')
    expect(await first.ended).toBe(0)
    start('worker', [], { ...database.variables, ...FAST })
    expect(await importing.ended).toBe(0)
    await expectAll(database, file)
  })
})

/** A file, of which a worker has read a part. */
async function begin(makeDatabase: () => Promise<TestDatabase>) {
  const database = await makeDatabase()
  const file = gzipTo(temporaryFolder(), 'log.gz', TEXT)
  const first = start('worker', [], { ...database.variables, ...FAST })
  await first.says('"msg":"started"')
  const importing = start('import', [file], database.variables)
  await untilUnderWay(database, first)
  return { database, file, importing, first }
}

async function untilUnderWay(database: TestDatabase, worker: Program): Promise<void> {
  for (;;) {
    const lines = await database.linesUnderWay()
    if (lines > 0) {
      expect(lines).toBeLessThan(LINES)
      return
    }
    if (worker.process.exitCode !== null) throw new Error(worker.output())
    await sleep(5)
  }
}

async function expectAll(database: TestDatabase, file: string): Promise<void> {
  const files = await database.query('select name, lines, kept, rejected from files')
  expect(files).toEqual([{ name: file, lines: LINES, kept: LINES, rejected: 0 }])
  expect((await database.countLines()).toSorted(byCount)).toEqual(EXPECTED)
  const counts = await database.query(
    'select uri, sum(count) as count from uri_counts group by uri order by sum(count) desc, uri',
  )
  expect(counts.map(({ uri, count }) => ({ uri, count: Number(count) }))).toEqual(
    EXPECTED.map(({ uri, count }) => ({ uri, count })),
  )
}

const EXPECTED = countsOf(TEXT)
