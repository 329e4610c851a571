import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readNumber, readOptions, runCommand, UsageError } from '../command.ts'
import { readDatabaseConfiguration } from '../configuration.ts'
import { measureCounts } from '../measure/counts.ts'
import { importOne } from '../measure/import-in-process.ts'
import { measureMemory } from '../measure/memory.ts'
import { measureRate } from '../measure/rate.ts'
import { sampleOf } from '../measure/sample.ts'

const HELP = `Measures the import on this machine. Makes its own tables, and removes them.

  measure rate   [--lines N] [--runs N]  an import against \\copy of the same rows, in turns; needs POSTGRES_URL and psql
  measure memory [--lines N]             the most memory of a process that imports 10 thousand lines, ten times as many, and so on, up to N
  measure counts [--lines N]             the count of each uri per day, from the lines and from what is kept for it, with plans; needs POSTGRES_URL

  --lines N      default 1000000
  --runs N       default 5
  --samples DIR  keeps the sample files there, for the next time; default: a temporary folder
  --help         this text

The database is POSTGRES_URL, or else a SQLite file in a temporary folder. \`measure one FILE\` imports a file into the configured database and prints what it took.`

await runCommand(HELP, async (signal) => {
  const { values, positionals } = readOptions({
    allowPositionals: true,
    options: {
      lines: { type: 'string', default: '1000000' },
      runs: { type: 'string', default: '5' },
      samples: { type: 'string' },
    },
  })
  const [what, file] = positionals
  if (what === 'one' && file !== undefined) return importOne(file, signal)

  const lines = readNumber(values.lines, 'lines', 1, 1_000_000_000)
  const runs = readNumber(values.runs, 'runs', 1, 100)
  const folder = await mkdtemp(join(tmpdir(), 'jobport-access-logs-'))
  const sample = (count: number) => sampleOf(values.samples ?? folder, count)
  try {
    if (what === 'rate') await measureRate(postgresUrl(), await sample(lines), join(folder, 'rows'), runs)
    else if (what === 'memory') await measureMemory(readDatabaseConfiguration().url, sample, lines, folder)
    else if (what === 'counts') await measureCounts(postgresUrl(), await sample(lines))
    else throw new UsageError('say what to measure: rate, memory or counts')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

function postgresUrl(): string {
  const configuration = readDatabaseConfiguration()
  if (configuration.url === undefined) throw new UsageError('this is about Postgres: set POSTGRES_URL')
  return configuration.url
}
