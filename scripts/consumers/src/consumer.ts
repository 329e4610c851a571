// A program as somebody writes it who has installed the packages.
import { type Backend, createQueue, createWorker, defineJob, handle, memoryBackend, type } from '@jobport/core'
import type { Features } from '@jobport/core/adapter'
import * as conformance from '@jobport/conformance'
import * as notifier from '@jobport/notifier'
import * as sqlite from '@jobport/sqlite-adapter'

const double = defineJob('double', { input: type<{ value: number }>(), output: type<{ value: number }>() })

const backend = memoryBackend()
const queue = createQueue(backend)
const worker = createWorker(backend, [handle(double, async ({ value }) => ({ value: value * 2 }))])
const running = worker.run()
const ticket = await queue.enqueue(double, { value: 21 })
const { value }: { value: number } = await ticket.result({ timeout: '10s' })
await worker.close()
await running
await queue.close()

if (value !== 42) throw new Error(`21 doubled is ${value}`)
for (const each of [conformance, notifier, sqlite])
  if (Object.keys(each).length === 0) throw new Error('an empty package')

export type Narrow = Backend<Features & { readonly priority: false }>
