import { inputs } from '../input.ts'
import { median } from '../report/statistics.ts'
import type { Scenario, Size } from '../scenario.ts'
import type { System } from '../system.ts'
import { verify } from './drain.ts'
import { Tally } from './tally.ts'

/** Odd, so that the median is one of them. */
const PAIRS = 15
const CONCURRENCY = 100

/**
 * What the variants of a worker cost beside the plain one, in CPU time of this process. They take turns in one process, in an order that changes, and each is
 * divided by the plain one next to it: whatever slows the machine for a while meets both.
 */
export function overhead(variants: readonly string[], size: Size): Scenario {
  return {
    name: 'overhead',
    description: `CPU time of a drain at concurrency ${CONCURRENCY}, beside a worker without instrumentation; median of ${PAIRS} pairs in one process`,
    size,
    still: true,
    metrics: variants.map((name) => ({ name: `cpu-${name}`, unit: '×' })),
    async run({ system }, count) {
      const lot = Math.round(count / (2 * variants.length * (PAIRS + 1)))
      const ratios = new Map(variants.map((name): [string, number[]] => [name, []]))
      // The first pair warms up.
      for (let pair = 0; pair <= PAIRS; pair++) {
        for (const name of variants) {
          const work = system.variants![name]!
          const order = pair % 2 === 0 ? [system.work, work] : [work, system.work]
          const [first, second] = [await drainOnce(system, order[0]!, lot), await drainOnce(system, order[1]!, lot)]
          if (pair > 0) ratios.get(name)!.push(pair % 2 === 0 ? second / first : first / second)
        }
      }
      return Object.fromEntries([...ratios].map(([name, values]) => [`cpu-${name}`, median(values)]))
    },
  }
}

/** The CPU time that it takes, in microseconds. */
async function drainOnce(system: System, work: System['work'], count: number): Promise<number> {
  const jobs = inputs(count)
  for (let from = 0; from < count; from += 1000) await system.enqueueMany(jobs.slice(from, from + 1000))
  const tally = new Tally(count)
  globalThis.gc?.()
  const before = process.cpuUsage()
  const crew = await work(CONCURRENCY, async (input) => tally.note(input))
  await tally.complete()
  await crew.settled()
  const { user, system: kernel } = process.cpuUsage(before)
  await crew.stop()
  await verify(system, tally)
  return user + kernel
}
