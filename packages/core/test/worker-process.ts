import { createQueue, createWorker, defineJob, handle, memoryBackend, type } from '@jobport/core'

const [behaviour] = process.argv.slice(2)
const slow = defineJob('slow', { input: type<null>() })
const backend = memoryBackend()

// What keeps the handler from ending until the worker was told to close.
const { promise: signalled, resolve } = Promise.withResolvers<void>()
process.once('SIGTERM', () => {
  resolve()
  // Past the time in which a second signal counts as the same.
  if (behaviour === 'hangs') setTimeout(() => process.send!('closing'), 700)
})

const worker = createWorker(backend, [
  handle(slow, async () => {
    process.send!('running')
    await signalled
    if (behaviour === 'hangs') await new Promise<void>((never) => setTimeout(never, 60_000))
    process.send!('finished')
  }),
])
await createQueue(backend).enqueue(slow, null)
await worker.run()
process.send!('closed')
process.disconnect()
