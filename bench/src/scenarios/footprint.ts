import { inputs } from '../input.ts'
import type { Scenario, Size } from '../scenario.ts'
import { drainAll, preload } from './drain.ts'

/** Jobs that go through before, so that what is stored once for all jobs does not count. */
const FIRST = 100

/** What a job takes in the server while it waits, and after it has finished, with the retention that the system has by default. */
export function footprint(size: Size): Scenario {
  return {
    name: 'bytes',
    description: 'stored for each waiting job, and for each finished one with the retention of the defaults',
    size,
    still: true,
    metrics: [
      { name: 'bytes-waiting', unit: 'bytes/job' },
      { name: 'bytes-finished', unit: 'bytes/job' },
    ],
    async run({ system, server }, count) {
      await preload(system, inputs(FIRST))
      await drainAll(system, FIRST)
      await server!.compact?.()
      const before = await server!.bytes()
      await preload(system, inputs(count))
      const waiting = await server!.bytes()
      await drainAll(system, count)
      await server!.compact?.()
      const finished = await server!.bytes()
      return { 'bytes-waiting': (waiting - before) / count, 'bytes-finished': (finished - before) / count }
    },
  }
}
