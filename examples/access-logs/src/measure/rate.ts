import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { inEmptySchema, SCHEMA } from './empty-schema.ts'
import { importInProcess, type Took } from './import-in-process.ts'

const execute = promisify(execFile)

/** An import against `\copy` of the rows that it made, in turns. */
export async function measureRate(url: string, file: string, rows: string, runs: number): Promise<void> {
  const psql = (...commands: readonly string[]) =>
    execute('psql', [url, '-qX', '-v', 'ON_ERROR_STOP=1', ...commands.flatMap((each) => ['-c', each])], {
      env: { ...process.env, PGOPTIONS: `-c search_path=${SCHEMA}` },
    })
  const imports: Took[] = []
  const copies: Took[] = []
  await inEmptySchema(url, async () => {
    for (let run = 0; run <= runs; run++) {
      if (run > 0) await psql('truncate files, requests, rejected_lines, uri_counts', 'checkpoint')
      const took = await importInProcess(file, { POSTGRES_URL: url, POSTGRES_SCHEMA: SCHEMA })
      // The first run is for warming up, and gives the rows.
      if (run === 0) {
        await psql(`\\copy requests to '${rows}'`, 'create table copied (like requests including all)')
        continue
      }
      await psql('truncate copied', 'checkpoint')
      const began = performance.now()
      await psql(`\\copy copied from '${rows}'`)
      imports.push(took)
      copies.push({ lines: took.lines, seconds: (performance.now() - began) / 1_000, megabytes: 0 })
    }
  })
  const [importing, copying] = [medianOf(imports), medianOf(copies)]
  console.log('| | seconds (median) | lines a second |\n| --- | --: | --: |')
  console.log(`| \`\\copy\` of the rows | ${copying.seconds.toFixed(2)} | ${rateOf(copying)} |`)
  console.log(`| import of the gzip file | ${importing.seconds.toFixed(2)} | ${rateOf(importing)} |`)
  console.log(
    `\nThe import reaches ${Math.round((100 * copying.seconds) / importing.seconds)} % of the rate of \\copy.`,
  )
}

function medianOf(all: readonly Took[]): Took {
  return all.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(all.length / 2)]!
}

function rateOf({ lines, seconds }: Took): string {
  return Math.round(lines / seconds).toLocaleString('en')
}
