// Enqueues batches without end, and says which ids were accepted.
import { randomUUID } from 'node:crypto'
import { sqliteBackend } from '../../src/index.ts'
import { say } from './say.ts'

const [file = ''] = process.argv.slice(2)
const backend = sqliteBackend({ file })
await backend.open()
for (;;) {
  const ids = Array.from({ length: 7 }, () => randomUUID())
  const answers = await backend.enqueue(
    ids.map((id, index) => ({
      id,
      queue: 'work',
      name: 'crash',
      payload: JSON.stringify({ id }),
      headers: {},
      ...(index === 0 && { group: 'one' }),
      ...(index === 1 && { unique: { key: id } }),
      ...(index === 2 && { delay: 20 }),
    })),
  )
  if (answers.some(({ status }) => status !== 'enqueued')) throw new Error('a new job was not enqueued')
  say('accepted', ids)
}
