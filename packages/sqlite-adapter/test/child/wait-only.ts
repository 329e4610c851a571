// Waits for a job: that keeps the process alive.
import { sqliteBackend } from '../../src/index.ts'
import { say } from './say.ts'

const [file = ''] = process.argv.slice(2)
const backend = sqliteBackend({ file })
await backend.open()
say('open', process.pid)
say(
  'waited',
  (await backend.claim({ queue: 'work', limit: 1, lease: 1_000, wait: 300 }, new AbortController().signal)).length,
)
