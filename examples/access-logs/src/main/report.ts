import { readDay, readNumber, readOptions, runCommand } from '../command.ts'
import { readDatabaseConfiguration } from '../configuration.ts'
import { asCsv, asJson, asTable } from '../report/formats.ts'
import { connect } from '../store/connect.ts'

/** More could not be told apart. */
const CHARTED = 8

const HELP = `Prints the count of each uri per day.

  report [options]

  --from DAY    the first day, such as 2017-11-01; default: of all days
  --to DAY      the last day
  --top N       only the N uris that are asked for most, and the sum of the others; default: all
  --csv         as CSV
  --json        as JSON
  --chart FILE  draws a chart as well: .svg or .png; of the top ${CHARTED} without --top
  --help        this text

The database is POSTGRES_URL, or the file SQLITE_FILE (default access-logs.sqlite).`

await runCommand(HELP, async () => {
  const { values } = readOptions({
    options: {
      from: { type: 'string', default: '0001-01-01' },
      to: { type: 'string', default: '9999-12-31' },
      top: { type: 'string' },
      csv: { type: 'boolean' },
      json: { type: 'boolean' },
      chart: { type: 'string' },
    },
  })
  const days = { from: readDay(values.from, 'from'), to: readDay(values.to, 'to') }
  const top = values.top === undefined ? undefined : readNumber(values.top, 'top', 1, 1_000_000)
  const format = values.json === true ? asJson : values.csv === true ? asCsv : asTable

  const { logs } = connect(readDatabaseConfiguration(), 1)
  try {
    await logs.open()
    console.log(format(await logs.counts({ ...days, ...(top !== undefined && { top }) })))
    if (values.chart !== undefined) {
      // Only who asks for a picture waits for what draws it.
      const { writeChart } = await import('../report/chart.ts')
      await writeChart(values.chart, await logs.counts({ ...days, top: top ?? CHARTED }))
    }
  } finally {
    await logs.close()
  }
})
