import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { DATABASES, temporaryFolder } from './databases.ts'
import { run, start } from './programs.ts'

/** Each test starts several programs one after the other. */
vi.setConfig({ testTimeout: 180_000 })

const VARIABLES = { SQLITE_FILE: join('/', 'does', 'not', 'exist') }

describe('the programs', () => {
  it('make samples, import them without a worker, and report, on one file and without a server', async () => {
    const folder = temporaryFolder()
    const variables = { SQLITE_FILE: join(folder, 'logs.sqlite') }
    const logs = join(folder, 'logs')
    const samples = ['--days', '2', '--lines', '3000', '--uris', '3', '--damaged', '5', '--truncated', logs]
    expect(await run('generate', samples, variables)).toMatchObject({ code: 0 })

    const imported = await run('import', ['--work', logs], variables)
    expect(imported).toMatchObject({ code: 0 })
    expect(imported.output).toMatch(/access-2017-11-01.ltsv.gz {2}3,000 lines, \d+ rejected\n/)
    expect(imported.output).toMatch(/access-2017-11-02.*breaks off in line [\d,]+: unexpected end of file\n/)
    expect(imported.output).toMatch(/2 files, [\d,]+ new lines, \d+ rejected, [\d.]+ s\n/)

    const again = await run('import', ['--work', logs], variables)
    expect(again).toMatchObject({ code: 0, output: expect.stringContaining('2 files, 0 new lines') })

    const report = await run('report', ['--top', '1', '--from', '2017-11-02', '--csv'], variables)
    expect(report).toMatchObject({ code: 0 })
    expect(report.output).toMatch(
      /^day,uri,count\r\n2017-11-02,\/api\/v1\/messages,\d+\r\n2017-11-02,\(others\),\d+\n$/,
    )
  })

  it('say when a file could not be imported', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'no.gz')
    writeFileSync(file, 'plain text')
    const { code, output } = await run('import', ['--work', folder], { SQLITE_FILE: join(folder, 'logs.sqlite') })
    expect(code).toBe(1)
    expect(output).toContain('no.gz  FAILED: it is not a gzip file')
  })

  it.each([
    ['import', ['/does/not/exist'], 'there is no /does/not/exist'],
    ['report', ['--from', '2017-11-31'], '"2017-11-31" is not a day'],
    ['generate', ['--lines', 'many', 'x'], '--lines: "many" is not a whole number'],
  ] as const)('%s %j is refused with exit code 2', async (role, args, words) => {
    const { code, output } = await run(role, args, VARIABLES)
    expect(code).toBe(2)
    expect(output).toContain(words)
  })
})

it.each(DATABASES)('a worker on %s serves its health and its metrics', async (_, makeDatabase) => {
  const database = await makeDatabase()
  const folder = temporaryFolder()
  await run('generate', ['--days', '1', '--lines', '1000', folder], {})
  const worker = start('worker', [], database.variables)
  await worker.says('"msg":"started"')
  const [, port] = /"port":(\d+)/.exec(worker.output())!
  expect(await run('import', [folder], database.variables)).toMatchObject({ code: 0 })

  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  expect(metrics).toContain('access_logs_files_total{outcome="whole"} 1\n')
  expect(metrics).toContain('access_logs_lines_total{outcome="kept"} 1000\n')
  worker.process.kill('SIGTERM')
  expect(await worker.ended).toBe(0)
})
