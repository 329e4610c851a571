// A process of a run: it plays its part until it is done, is asked to end, or is killed.
import { flushCompileCache } from 'node:module'
import { HistoryFile } from '../history/history-file.ts'
import { mutants } from '../mutants/mutants.ts'
import { connect } from '../server/endpoint.ts'
import type { Part } from './part.ts'
import { produce } from './producer.ts'
import { recorded } from './recorder.ts'
import { deliver, work } from './worker.ts'

// Whoever is killed leaves no cache to the next.
flushCompileCache()
// Without whoever started it, it has no part to play.
process.on('disconnect', () => process.exit(1))
const ready = (): void => void process.send?.('ready')

const part = JSON.parse(process.argv[2]!) as Part
const history = new HistoryFile(part.folder, part.name, part.origin)
history.add({ type: 'begin', pid: process.pid })
const plain = await connect(part.endpoint)
const backend = part.mutant === undefined ? plain : mutants[part.mutant].change(plain, part)
if (part.role === 'producer') {
  ready()
  await produce(part, backend, history)
} else if (part.role === 'worker') await work(recorded(backend, history), history, ready)
else await deliver(recorded(backend, history), history, ready)
// Handlers that ignore their signal go on; the process does not wait for them.
process.exit(0)
