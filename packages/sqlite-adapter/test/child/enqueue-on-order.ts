// Enqueues the job whose id the parent writes, and says when that was answered.
import { createInterface } from 'node:readline'
import { sqliteBackend } from '../../src/index.ts'
import { say } from './say.ts'

const [file = ''] = process.argv.slice(2)
const backend = sqliteBackend({ file })
await backend.open()
say('open', process.pid)
for await (const id of createInterface({ input: process.stdin })) {
  await backend.enqueue([{ id, queue: 'work', name: 'order', payload: '1', headers: {} }])
  say('enqueued', Date.now())
}
await backend.close()
