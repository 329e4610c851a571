// Opens and closes the file whose path the parent writes, and says how that went.
import { createInterface } from 'node:readline'
import { sqliteBackend } from '../../src/index.ts'
import { say } from './say.ts'

say('ready', process.pid)
for await (const file of createInterface({ input: process.stdin })) {
  const backend = sqliteBackend({ file })
  try {
    await backend.open()
    say(
      'opened',
      await backend.enqueue([{ id: String(process.pid), queue: 'q', name: 'n', payload: '1', headers: {} }]),
    )
  } catch (error) {
    say('opened', String(error))
  }
  await backend.close()
}
