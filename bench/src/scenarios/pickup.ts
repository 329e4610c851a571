import { setTimeout } from 'node:timers/promises'
import { inputs } from '../input.ts'
import { percentile } from '../report/statistics.ts'
import type { Scenario, Size } from '../scenario.ts'
import { verify } from './drain.ts'
import { Tally } from './tally.ts'

/** Long enough for every system to be waiting again. */
const PAUSE = 2

/** From the call of enqueue to the start of the handler, on an idle queue with a waiting worker in the same process. */
export function pickup(size: Size): Scenario {
  return {
    name: 'pickup',
    description: 'from the call of enqueue to the start of the handler, one job at a time on an idle queue',
    size,
    metrics: [
      { name: 'pickup-p50', unit: 'ms' },
      { name: 'pickup-p99', unit: 'ms' },
    ],
    async run({ system, measure }, count) {
      const tally = new Tally(count)
      let picked = Promise.withResolvers<number>()
      const crew = await system.work(10, async (input) => {
        picked.resolve(performance.now())
        tally.note(input)
      })
      const delays: number[] = []
      await measure(async () => {
        for (const job of inputs(count)) {
          await setTimeout(PAUSE)
          picked = Promise.withResolvers()
          const start = performance.now()
          const stored = system.enqueueOne(job)
          delays.push((await picked.promise) - start)
          await stored
        }
        await tally.complete()
        await crew.settled()
      })
      await crew.stop()
      await verify(system, tally)
      return { 'pickup-p50': percentile(delays, 0.5), 'pickup-p99': percentile(delays, 0.99) }
    },
  }
}
