import { readDay, readNumber, readOptions, runCommand, UsageError } from '../command.ts'
import { writeSamples } from '../generate/write-samples.ts'

const HELP = `Writes sample access logs: gzip files of LTSV, one a day. The same options give the same bytes.

  generate [options] FOLDER

  --lines N      lines of each file; default 100000
  --days N       files; default 7
  --first DAY    default 2017-11-01
  --uris N       different uris; default 200
  --damaged N    damaged lines in a thousand; default 0
  --truncated    cuts the last file off in its middle
  --seed N       default 1
  --help         this text`

await runCommand(HELP, async () => {
  const { values, positionals } = readOptions({
    allowPositionals: true,
    options: {
      lines: { type: 'string', default: '100000' },
      days: { type: 'string', default: '7' },
      first: { type: 'string', default: '2017-11-01' },
      uris: { type: 'string', default: '200' },
      damaged: { type: 'string', default: '0' },
      truncated: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
    },
  })
  const [folder] = positionals
  if (folder === undefined || positionals.length > 1) throw new UsageError('say into which folder')
  const files = await writeSamples({
    folder,
    day: readDay(values.first, 'first'),
    days: readNumber(values.days, 'days', 1, 3_660),
    lines: readNumber(values.lines, 'lines', 0, 1_000_000_000),
    uris: readNumber(values.uris, 'uris', 1, 1_000_000),
    damaged: readNumber(values.damaged, 'damaged', 0, 1_000) / 1_000,
    truncated: values.truncated,
    seed: readNumber(values.seed, 'seed', 0, 2 ** 31 - 1),
  })
  for (const file of files) console.log(file)
})
