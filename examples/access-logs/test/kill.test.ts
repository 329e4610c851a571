import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { DATABASES, temporaryFolder, type TestDatabase } from './databases.ts'
import { importer } from './importer.ts'
import { byCount, countsOf, gzipTo, sampleText } from './logs.ts'
import { start, type Program } from './programs.ts'

/** Each test starts a program, and reads all lines twice. */
vi.setConfig({ testTimeout: 180_000 })

const LINES = 80_000
const TEXT = sampleText({ lines: LINES, damaged: 0 })
const EXPECTED = countsOf(TEXT)

describe.each(DATABASES)('%s: a worker in the middle of a file', (_, makeDatabase) => {
  it('is killed, and another one has each line once', async () => {
    const { database, file, first, others } = await begin(makeDatabase)
    first.process.kill('SIGKILL')
    expect(await first.ended).toBe('SIGKILL')
    expect(await database.query('select 1 from requests limit 1')).toEqual([])
    await others()
    await expectAll(database, file)
  })

  it('stands still for longer than its lease, and what it does afterwards changes nothing', async () => {
    const { database, file, first, others } = await begin(makeDatabase)
    await freeze(first, database)
    await others()
    await expectAll(database, file)

    first.process.kill('SIGCONT')
    await first.says('lease lost')
    expect(first.process.exitCode).toBeNull()
    await expectAll(database, file)
  })

  it('is told to stop, gives the file back, and ends well', async () => {
    const { database, file, first, others } = await begin(makeDatabase)
    first.process.kill('SIGTERM')
    expect(await first.ended).toBe(0)
    await others()
    await expectAll(database, file)
  })
})

/** A file, of which a worker has read a part. `others`: another worker begins, and the file comes to its end. */
async function begin(makeDatabase: () => Promise<TestDatabase>) {
  const database = await makeDatabase()
  const file = gzipTo(temporaryFolder(), 'log.gz', TEXT)
  const { worker, import: importAll } = await importer(database.configuration, { works: false })
  const first = start('worker', [], { ...database.variables, LEASE_SECONDS: '2', STOP_GRACE_SECONDS: '1' })
  await first.says('"msg":"started"')
  const importing = importAll(file)
  while ((await database.linesUnderWay()) === 0) {
    if (first.process.exitCode !== null) throw new Error(first.output())
    await sleep(2)
  }
  const others = async () => {
    await worker.start()
    expect(await importing).toMatchObject([{ name: file, kept: LINES }])
  }
  return { database, file, first, others }
}

/** Of SQLite, at a moment at which it does not hold the write lock: with it, nobody could go on. */
async function freeze(program: Program, database: TestDatabase): Promise<void> {
  for (;;) {
    program.process.kill('SIGSTOP')
    await sleep(50)
    if (!(await database.isLocked())) return
    program.process.kill('SIGCONT')
    await sleep(5)
  }
}

async function expectAll(database: TestDatabase, file: string): Promise<void> {
  const files = await database.query('select name, lines, kept, rejected from files')
  expect(files).toEqual([{ name: file, lines: LINES, kept: LINES, rejected: 0 }])
  expect((await database.countLines()).toSorted(byCount)).toEqual(EXPECTED)
  const counts = await database.query('select sum(count) as counted from uri_counts')
  expect(Number(counts[0]!['counted'])).toBe(LINES)
}
