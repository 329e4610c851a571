import { appendFileSync, truncateSync, writeFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { openArchive } from '../src/archive/read-archive.ts'
import { DATABASES, temporaryFolder, type TestDatabase } from './databases.ts'
import { importer } from './importer.ts'
import { byCount, countsOf, gzipTo, sampleText } from './logs.ts'

const LINE = 'time:2017-11-01 00:00:01\tid:a1\tlevel:ERROR\tmethod:GET\turi:/a\treqtime:2.301786\n'

describe.each(DATABASES)('%s', (_, makeDatabase) => {
  it('has each line of each file once, and the count of each uri per day, however often they are imported', async () => {
    const database = await makeDatabase()
    const folder = temporaryFolder()
    const texts = [1, 2, 3].map((day) => sampleText({ day: `2017-11-0${day}`, seed: day, damaged: 0 }))
    const files = texts.map((text, index) => gzipTo(folder, `${index}.gz`, text))
    const { logs, import: importAll } = await importer(database.configuration)

    const first = await importAll(...files)
    expect(first).toMatchObject(
      files.map((name) => ({ name, kept: 5_000, rejected: 0, broken: null, wasKnown: false })),
    )
    expect(await importAll(...files)).toMatchObject(files.map(() => ({ kept: 5_000, wasKnown: true })))

    const expected = countsOf(Buffer.concat(texts))
    expect(await logs.counts({ from: '2017-01-01', to: '2017-12-31' })).toEqual(expected)
    expect((await database.countLines()).toSorted(byCount)).toEqual(expected)
    const days = expected.filter(({ day }) => day === '2017-11-02')
    expect(await logs.counts({ from: '2017-11-02', to: '2017-11-02' })).toEqual(days)
    const top = await logs.counts({ from: '2017-11-02', to: '2017-11-02', top: 2 })
    expect(top.slice(0, 2)).toEqual(days.slice(0, 2))
    const rest = days.slice(2).reduce((sum, { count }) => sum + (count as number), 0)
    expect(top.slice(2)).toEqual([{ day: '2017-11-02', uri: null, count: rest }])
  })

  it('keeps what a line says, to the letter', async () => {
    const database = await makeDatabase()
    const lines = [
      ['2017-11-01 00:00:00', 'a', '2.301786', '/a'],
      ['0001-01-01 00:00:00', 'b', '0', '/back\\slash\\N'],
      ['1969-12-31 23:59:59', '"quoted", \'too\'', '0.1', '/päth/道/🚀'],
      ['1999-12-31 23:59:59', null, '-', '/a\rb'],
      ['9999-12-31 23:59:59', null, '123456789012345.678901', `/${'long'.repeat(10_000)}`],
    ] as const
    const text = lines.map(
      ([time, id, reqtime, uri]) => `time:${time}\tid:${id ?? ''}\turi:${uri}\treqtime:${reqtime}\n`,
    )
    const file = gzipTo(temporaryFolder(), 'extremes.gz', text.join(''))
    const { import: importAll } = await importer(database.configuration)
    expect(await importAll(file)).toMatchObject([{ kept: lines.length, rejected: 0 }])

    const rows = await database.query(
      'select line, cast(at as text) as at, id, level, reqtime, uri from requests order by line',
    )
    expect(rows).toEqual(
      lines.map(([at, id, reqtime, uri], index) => {
        const number = reqtime === '-' ? null : Number(reqtime)
        return { line: index + 1, at, id, level: null, reqtime: number, uri }
      }),
    )
  })

  it('has the lines that were rejected, with file, number, reason and text', async () => {
    const database = await makeDatabase()
    const bad = Buffer.from([0x75, 0xff, 0x00, 0x09])
    const text = Buffer.concat([Buffer.from(LINE.replace('\n', '\r\n')), bad, Buffer.from(`\n${LINE}nothing\n`)])
    const file = gzipTo(temporaryFolder(), 'damaged.gz', text)
    const { import: importAll } = await importer(database.configuration)
    expect(await importAll(file)).toMatchObject([{ lines: 4, kept: 2, rejected: 2, broken: null }])
    const rejected = await database.query(
      'select f.name, r.line, r.reason, r.text from rejected_lines r join files f on f.id = r.file order by r.line',
    )
    expect(rejected).toEqual([
      { name: file, line: 2, reason: 'the line is not UTF-8', text: 'u\uFFFD\uFFFD\t' },
      { name: file, line: 4, reason: 'a field has no label', text: 'nothing' },
    ])
  })

  it('takes files with very many uris and very many damaged lines, in parts', async () => {
    const database = await makeDatabase()
    const text = Array.from({ length: 12_000 }, (_, index) =>
      index % 2 === 0 ? `line ${index}\n` : LINE.replace('/a', `/${String(index).padStart(1_800, 'x')}`),
    )
    const { import: importAll } = await importer(database.configuration)
    const file = gzipTo(temporaryFolder(), 'many.gz', text.join(''))
    expect(await importAll(file)).toMatchObject([{ kept: 6_000, rejected: 6_000 }])
    const [row] = await database.query(
      'select (select count(*) from requests) as kept, (select count(*) from rejected_lines) as rejected, (select sum(count) from uri_counts) as counted',
    )
    expect(Object.values(row!).map(Number)).toEqual([6_000, 6_000, 6_000])
  })

  it('keeps what comes before the end of a file that breaks off, and replaces it when the file comes again whole', async () => {
    const database = await makeDatabase()
    const folder = temporaryFolder()
    const text = sampleText()
    const whole = gzipTo(folder, 'whole.gz', text)
    const broken = gzipTo(folder, 'broken.gz', text)
    truncateSync(broken, Math.floor(statSync(broken).size / 2))
    const { import: importAll } = await importer(database.configuration)

    const [first] = await importAll(broken)
    expect(first).toMatchObject({ broken: 'unexpected end of file', partOf: null })
    const { lines, kept } = first as { readonly lines: number; readonly kept: number }
    expect(lines).toBeGreaterThan(1_000)
    expect(await database.query('select count(*) as kept from requests')).toEqual([{ kept: sameKind(kept, database) }])
    const [last] = await database.query('select line, reason from rejected_lines order by line desc limit 1')
    expect(last).toEqual({ line: lines, reason: 'the file breaks off in this line' })

    const [second] = await importAll(whole)
    expect(second).toMatchObject({ lines: 5_000, broken: null, partOf: null })
    await expectLinesOf(database, whole, second as { readonly kept: number })

    // And the other way round, under other names and packed in another way.
    const again = join(folder, 'again.gz')
    writeFileSync(again, gzipSync(text, { level: 1 }))
    const cut = join(folder, 'cut.gz')
    writeFileSync(cut, gzipSync(text, { level: 1 }).subarray(0, 20_000))
    expect(await importAll(again, cut)).toMatchObject([
      { partOf: whole, broken: null },
      { partOf: whole, broken: 'unexpected end of file' },
    ])
    await expectLinesOf(database, whole, second as { readonly kept: number })
    expect(await importAll(broken)).toMatchObject([{ wasKnown: true, partOf: whole }])
  })

  it('has the lines and the outcome of the job in one commit: nothing that comes later undoes it', async () => {
    const database = await makeDatabase()
    const file = gzipTo(temporaryFolder(), 'log.gz', LINE)
    const { import: importAll } = await importer(database.configuration, { onImported: fail })
    expect(await importAll(file)).toMatchObject([{ kept: 1, wasKnown: false }])
  })

  it('leaves nothing of a file whose outcome is refused, as it is to a worker that lost its lease', async () => {
    const database = await makeDatabase()
    const file = gzipTo(temporaryFolder(), 'log.gz', sampleText())
    const { logs } = await importer(database.configuration, { works: false })
    await using archive = await openArchive(file)
    const refused = logs.load(archive, archive.unpacked, {
      signal: new AbortController().signal,
      onProgress() {},
      within: () => Promise.reject(new Error('lost')),
    })
    await expect(refused).rejects.toThrow('lost')
    for (const table of ['files', 'requests', 'rejected_lines', 'uri_counts'])
      expect(await database.query(`select * from ${table}`)).toEqual([])
  })

  it('counts copies of a file once, also when they come at the same time', async () => {
    const database = await makeDatabase()
    const folder = temporaryFolder()
    const copies = [1, 2, 3].map((copy) => gzipTo(folder, `${copy}.gz`, sampleText({ damaged: 0 })))
    const { import: importAll } = await importer(database.configuration)
    const results = await importAll(...copies)
    expect(results).toMatchObject(copies.map(() => ({ kept: 5_000 })))
    const [row] = await database.query(
      'select (select count(*) from requests) as kept, (select sum(count) from uri_counts) as counted, (select count(*) from files) as files',
    )
    expect(Object.values(row!).map(Number)).toEqual([5_000, 5_000, 1])
  })

  it('reads a file again that is written to meanwhile', async () => {
    const database = await makeDatabase()
    const file = gzipTo(temporaryFolder(), 'log.gz', sampleText({ damaged: 0 }))
    const { logs, import: importAll } = await importer(database.configuration)
    const load = logs.load.bind(logs)
    let loads = 0
    logs.load = async (...given) => {
      if (loads++ === 0) appendFileSync(file, gzipSync(LINE))
      return load(...given)
    }
    expect(await importAll(file)).toMatchObject([{ kept: 5_001 }])
    expect(loads).toBe(2)
    const [row] = await database.query('select count(*) as kept from requests')
    expect(Number(row!['kept'])).toBe(5_001)
  })

  it('keeps both of two files that only begin alike', async () => {
    const database = await makeDatabase()
    const folder = temporaryFolder()
    const one = gzipTo(folder, 'one.gz', LINE + LINE.replace('/a', '/b') + LINE)
    const other = gzipTo(folder, 'other.gz', LINE + LINE.replace('/a', '/c'))
    const { import: importAll } = await importer(database.configuration)
    await importAll(one)
    expect(await importAll(other)).toMatchObject([{ kept: 2, partOf: null }])
    expect(await database.query('select count(*) as kept from requests')).toEqual([{ kept: sameKind(5, database) }])
  })

  it('takes empty files and several members, and tells what is no gzip file', async () => {
    const database = await makeDatabase()
    const folder = temporaryFolder()
    const [nothing, members, text] = ['nothing.gz', 'members.gz', 'text.gz'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(nothing, '')
    writeFileSync(members, Buffer.concat([gzipSync(LINE), gzipSync(LINE)]))
    writeFileSync(text, LINE)
    const { import: importAll } = await importer(database.configuration)
    const [empty, two, none] = await importAll(nothing, members, text)
    expect(empty).toMatchObject({ lines: 0, broken: null })
    expect(two).toMatchObject({ lines: 2, kept: 2, broken: null })
    expect(none).toMatchObject({ message: 'it is not a gzip file' })
  })
})

function fail(): never {
  throw new Error('too late')
}

/** Nothing but the lines of this file is there. */
async function expectLinesOf(database: TestDatabase, name: string, { kept }: { readonly kept: number }): Promise<void> {
  const rows = await database.query(
    'select f.name, count(*) as kept, min(r.line) as first from requests r join files f on f.id = r.file group by f.name',
  )
  expect(rows).toEqual([{ name, kept: sameKind(kept, database), first: 1 }])
  const [counted] = await database.query('select sum(count) as counted from uri_counts')
  expect(Number(counted!['counted'])).toBe(kept)
}

/** Postgres' driver gives what `count` answers as text. */
function sameKind(count: number, { configuration }: TestDatabase): number | string {
  return configuration.url === undefined ? count : String(count)
}
