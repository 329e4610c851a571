import { inputAt } from '../input.ts'
import type { Scenario, Size } from '../scenario.ts'
import type { Server } from '../server.ts'
import { Flow } from './backlog.ts'
import { verify } from './drain.ts'
import { paced } from './pace.ts'
import { Tally } from './tally.ts'

const WAITING = 10_000
/** Milliseconds between looks at the size. */
const INTERVAL = 250
const MEGABYTE = 1e6

/** How large the store grows while many jobs go through it as fast as they can: what was removed leaves room that must be used again. */
export function growth(label: string, size: Size): Scenario {
  const name = `size-after-${label}`
  return {
    name,
    description: `the largest that the tables are while these jobs go through them, ${WAITING.toLocaleString('en')} waiting at a time`,
    size,
    still: true,
    only: 'full',
    metrics: [{ name, unit: 'MB' }],
    async run({ system, server }, count) {
      const flow = new Flow(system, count, WAITING)
      const largest = await largestSize(server!, async () => {
        await flow.begin()
        await flow.run()
        await flow.end()
      })
      return { [name]: largest / MEGABYTE }
    },
  }
}

/** The same at a steady rate, for longer than finished jobs stay by default: does it stop growing? */
export function steadySize(perSecond: number, seconds: { readonly full: number; readonly quick: number }): Scenario {
  const name = `size-at-${perSecond}-a-second`
  return {
    name,
    description: `the largest that the tables are while ${perSecond.toLocaleString('en')} jobs a second go through them`,
    size: { full: perSecond * seconds.full, quick: perSecond * seconds.quick },
    still: true,
    only: 'named',
    metrics: [{ name, unit: 'MB' }],
    async run({ system, server }, count) {
      const tally = new Tally(count)
      const crew = await system.work(100, async (input) => tally.note(input))
      const largest = await largestSize(server!, async () => {
        await paced(count, perSecond, (index) => system.enqueueOne(inputAt(index)))
        await tally.complete()
        await crew.settled()
      })
      await crew.stop()
      await verify(system, tally)
      return { [name]: largest / MEGABYTE }
    },
  }
}

/** The largest size of all tables, in bytes, during some work and after it. */
async function largestSize(server: Server, work: () => Promise<void>): Promise<number> {
  let largest = 0
  let looking: Promise<void> = Promise.resolve()
  const look = async (): Promise<void> => {
    largest = Math.max(largest, await server.bytes())
  }
  const looks = setInterval(() => {
    looking = looking.then(look)
  }, INTERVAL)
  try {
    await work()
  } finally {
    clearInterval(looks)
  }
  await looking
  await look()
  return largest
}
