// Watches and is done: nothing but a waiting claim may keep a process alive.
import { sqliteBackend } from '../../src/index.ts'
import { say } from './say.ts'

const [file = ''] = process.argv.slice(2)
const backend = sqliteBackend({ file })
await backend.open()
await backend.inspect.watch(() => {})
say('open', process.pid)
