import { createQueue, createWorker } from '@jobport/core'
import { readNumber, readOptions, runCommand, UsageError } from '../command.ts'
import { readDatabaseConfiguration } from '../configuration.ts'
import { findFiles } from '../import/find-files.ts'
import { createDisplay, summarize } from '../import/display.ts'
import { importFiles } from '../import/import-files.ts'
import { importHandler } from '../import/import-handler.ts'
import { connect } from '../store/connect.ts'

const HELP = `Imports access logs: gzip files of LTSV. Files that were imported before are recognised, so it may always be run again.

  import [options] FILE|FOLDER…

  --work         do the work in this process as well; without it, a worker must be running
  --at-a-time N  with --work: how many files at a time; default 2
  --help         this text

Of a folder, every *.gz is taken, in all subfolders. The worker must see the files under the same path.
The database is POSTGRES_URL, or the file SQLITE_FILE (default access-logs.sqlite).
Exit codes: 0 all files are imported, 1 some could not be, 2 wrong arguments or configuration.`

await runCommand(HELP, async (signal) => {
  const { values, positionals } = readOptions({
    allowPositionals: true,
    options: { work: { type: 'boolean' }, 'at-a-time': { type: 'string', default: '2' } },
  })
  if (positionals.length === 0) throw new UsageError('say which files, or in which folder')
  const files = await findFiles(positionals)
  const concurrency = readNumber(values['at-a-time'], 'at-a-time', 1, 64)

  const { backend, logs, open, close } = connect(readDatabaseConfiguration(), concurrency)
  const queue = createQueue(backend)
  const worker = createWorker(backend, [importHandler(logs)], { concurrency, claimAhead: 0 })
  try {
    await open()
    if (values.work === true) await worker.start()
    const began = performance.now()
    const imported = await importFiles(queue, files, createDisplay(files.length, process.stdout), signal)
    console.log(summarize(imported, performance.now() - began))
    return imported.some(({ result }) => result instanceof Error) ? 1 : 0
  } finally {
    // What is interrupted here is given back, and goes on with the next worker.
    await worker.close({ grace: signal.aborted ? 0 : '20s' })
    await queue.close()
    await close()
  }
})
