import { inputs } from '../input.ts'
import { median } from '../report/statistics.ts'
import type { Scenario, Size } from '../scenario.ts'
import type { System } from '../system.ts'
import { verify } from './drain.ts'
import { Tally } from './tally.ts'

/** So few that many drains pass without a collection of garbage, which the median leaves out then. */
const LOT = 2_000
const CONCURRENCY = 100
/** Until the compiler has seen everything often enough. */
const WARM_UPS = 20

/**
 * What the variants of a worker cost beside the plain one, in CPU time of this process. They take turns in one process, in an order that changes, and each is
 * divided by the plain one next to it: whatever slows the machine for a while meets both. `same` is the plain worker once more: so far from 1 as that
 * comes out, the others may be as well.
 */
export function overhead(variants: readonly string[], size: Size): Scenario {
  const names = ['same', ...variants]
  return {
    name: 'overhead',
    description: `CPU time of a drain of ${LOT} jobs at concurrency ${CONCURRENCY}, beside a worker without instrumentation; median of all pairs in one process; same: that worker beside itself`,
    size,
    still: true,
    metrics: names.map((name) => ({ name: `cpu-${name}`, unit: '×' })),
    async run({ system }, count) {
      const pairs = Math.round(count / (2 * names.length * LOT))
      const ratios = new Map(names.map((name): [string, number[]] => [name, []]))
      for (let pair = -WARM_UPS; pair < pairs; pair++) {
        for (const name of names) {
          const work = system.variants?.[name] ?? system.work
          const order = pair % 2 === 0 ? [system.work, work] : [work, system.work]
          const [first, second] = [await drainOnce(system, order[0]!), await drainOnce(system, order[1]!)]
          if (pair >= 0) ratios.get(name)!.push(pair % 2 === 0 ? second / first : first / second)
        }
      }
      return Object.fromEntries([...ratios].map(([name, values]) => [`cpu-${name}`, median(values)]))
    },
  }
}

/** The CPU time that it takes, in microseconds. */
async function drainOnce(system: System, work: System['work']): Promise<number> {
  const jobs = inputs(LOT)
  for (let from = 0; from < LOT; from += 1000) await system.enqueueMany(jobs.slice(from, from + 1000))
  const tally = new Tally(LOT)
  const before = cpuTime()
  const crew = await work(CONCURRENCY, async (input) => tally.note(input))
  await tally.complete()
  await crew.settled()
  const took = cpuTime() - before
  await crew.stop()
  await verify(system, tally)
  await system.forgetFinished?.()
  return took
}

const nothing = new Int32Array(new SharedArrayBuffer(4))

/** In microseconds. Of a thread that runs on Linux may know only what it was at the last tick, up to 4 ms ago; of one that has just slept it knows all. */
function cpuTime(): number {
  Atomics.wait(nothing, 0, 0, 0.05)
  const { user, system } = process.cpuUsage()
  return user + system
}
