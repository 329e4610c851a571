import type { Scenario, Size } from '../scenario.ts'
import { Flow } from './backlog.ts'

const WAITING = 10_000
/** Milliseconds between looks at the size. */
const INTERVAL = 250
const MEGABYTE = 1e6

/** How large the store grows while many jobs go through it: what was removed leaves room that must be used again. */
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
      let largest = 0
      let looking: Promise<void> = Promise.resolve()
      const look = async (): Promise<void> => {
        largest = Math.max(largest, await server!.bytes())
      }
      const looks = setInterval(() => {
        looking = looking.then(look)
      }, INTERVAL)
      try {
        await flow.begin()
        await flow.run()
        await flow.end()
      } finally {
        clearInterval(looks)
      }
      await looking
      await look()
      return { [name]: largest / MEGABYTE }
    },
  }
}
