import { inputs } from '../input.ts'
import type { Scenario, Stage } from '../scenario.ts'
import { drainAll, preload } from './drain.ts'

/** Jobs that finish before are finished in so many at a time, so that few ever wait. */
const BATCH = 100_000

/** The same scenario with writes that outlast a crash, but for the last second. */
export function persisted(scenario: Scenario, suffix: string): Scenario {
  const description = 'every write is appended to a file that is synced each second'
  return variant(scenario, suffix, description, async ({ server }) => server!.persist!())
}

/** The same scenario with `share` jobs for each job of the full size that have finished before. */
export function afterFinished(scenario: Scenario, suffix: string, share: number): Scenario {
  const finished = (scenario.size.full * share).toLocaleString('en')
  const description = `${share} times as many jobs have finished just before, ${finished} in a full run`
  return variant(scenario, suffix, description, async ({ system }, size) => {
    for (let left = Math.round(size * share); left > 0; left -= BATCH) {
      const count = Math.min(left, BATCH)
      await preload(system, inputs(count))
      await drainAll(system, count)
    }
  })
}

function variant(
  scenario: Scenario,
  suffix: string,
  description: string,
  before: (stage: Stage, size: number) => Promise<void>,
): Scenario {
  const rename = (name: string): string => `${name}-${suffix}`
  return {
    ...scenario,
    name: rename(scenario.name),
    description: `${scenario.name}, but ${description}`,
    only: 'full',
    metrics: scenario.metrics.map((metric) => ({ ...metric, name: rename(metric.name) })),
    async run(stage, size) {
      await before(stage, size)
      const values = await scenario.run(stage, size)
      return Object.fromEntries(Object.entries(values).map(([name, value]) => [rename(name), value]))
    },
  }
}
