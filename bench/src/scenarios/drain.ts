import { chunks, inputs, type Input } from '../input.ts'
import type { Scenario, Size, Stage } from '../scenario.ts'
import type { Crew, System } from '../system.ts'
import { Tally } from './tally.ts'

export interface DrainOptions {
  readonly concurrency: number
  readonly size: Size
  /** Report the CPU time as well, as `cpu-client`. */
  readonly cpu?: boolean
}

/** Works off preloaded jobs with handlers that do nothing: what is left is the price of the library. */
export function drain({ concurrency, size, cpu = false }: DrainOptions): Scenario {
  const name = `drain-c${concurrency}`
  return {
    name,
    description: `preloaded jobs, one worker at concurrency ${concurrency}, an async handler that does nothing`,
    size,
    metrics: [{ name, unit: 'jobs/s' }, ...(cpu ? [{ name: 'cpu-client', unit: 's/100k jobs' } as const] : [])],
    async run({ system, measure }: Stage, count: number) {
      for (const chunk of chunks(inputs(count))) await system.enqueueMany(chunk)
      const tally = new Tally(count)
      let crew: Crew | undefined
      const { seconds, cpuSeconds } = await measure(async () => {
        crew = await system.work(concurrency, handlerFor(tally))
        await tally.complete()
        await crew.settled()
      })
      await crew?.stop()
      await verify(system, tally)
      return { [name]: count / seconds, ...(cpu && { 'cpu-client': (cpuSeconds / count) * 100_000 }) }
    },
  }
}

/** Empties a queue that must hold exactly the jobs `0` to `count - 1`. */
export async function drainAll(system: System, count: number): Promise<void> {
  const tally = new Tally(count)
  const crew = await system.work(100, handlerFor(tally))
  await tally.complete()
  await crew.settled()
  await crew.stop()
  await verify(system, tally)
}

/** Throws unless every job was handled once and the system agrees that it is done with them. */
export async function verify(system: System, tally: Tally): Promise<void> {
  tally.verify()
  const unfinished = await system.unfinished?.()
  if (unfinished !== undefined && unfinished > 0) {
    throw new Error(`${unfinished} jobs were handled but are not finished by the system's own account`)
  }
}

function handlerFor(tally: Tally): (input: Input) => Promise<void> {
  return async (input) => tally.note(input)
}
