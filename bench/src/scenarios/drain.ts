import { chunks, inputs, type Input } from '../input.ts'
import type { Metric, Scenario, Size, Stage, Workers } from '../scenario.ts'
import type { Crew, System } from '../system.ts'
import { Tally } from './tally.ts'

export interface DrainOptions {
  readonly concurrency: number
  readonly size: Size
  /** Of systems that get another, by their names. */
  readonly sizes?: Readonly<Record<string, Size>>
  /** Processes that work; one, the one that measures, if it is not said. */
  readonly processes?: number
  /** Whose CPU time to report as well: as `cpu-client`, `cpu-server`. */
  readonly cpu?: readonly ('client' | 'server')[]
}

/** Works off preloaded jobs with handlers that do nothing: what is left is the price of the library. */
export function drain({ concurrency, size, sizes, processes, cpu = [] }: DrainOptions): Scenario {
  const name = processes === undefined ? `drain-c${concurrency}` : `drain-${processes}x${concurrency}`
  const workers = processes === undefined ? 'one worker' : `${processes} worker processes, each`
  return {
    name,
    description: `preloaded jobs, ${workers} at concurrency ${concurrency}, an async handler that does nothing`,
    size,
    ...(sizes !== undefined && { sizes }),
    ...(processes !== undefined && { processes }),
    metrics: [{ name, unit: 'jobs/s' }, ...cpu.map((side): Metric => ({ name: `cpu-${side}`, unit: 's/100k jobs' }))],
    async run(stage, count) {
      await preload(stage.system, inputs(count))
      const { seconds, cpuSeconds, serverCpuSeconds } =
        stage.workers === undefined
          ? await measureHere(stage, concurrency, count)
          : await measureElsewhere(stage, stage.workers, concurrency, count)
      const perJob = (all: number): number => (all / count) * 100_000
      return {
        [name]: count / seconds,
        ...(cpu.includes('client') && { 'cpu-client': perJob(cpuSeconds) }),
        ...(cpu.includes('server') && serverCpuSeconds !== undefined && { 'cpu-server': perJob(serverCpuSeconds) }),
      }
    },
  }
}

async function measureHere({ system, measure }: Stage, concurrency: number, count: number) {
  const tally = new Tally(count)
  let crew: Crew | undefined
  const measured = await measure(async () => {
    crew = await system.work(concurrency, handlerFor(tally))
    await tally.complete()
    await crew.settled()
  })
  await crew?.stop()
  await verify(system, tally)
  return measured
}

async function measureElsewhere({ system, measure }: Stage, workers: Workers, concurrency: number, count: number) {
  const tally = new Tally(count)
  const measured = await measure(async () => {
    workers.work(concurrency, tally)
    await tally.complete()
    await workers.settled()
  })
  await workers.stop()
  await verify(system, tally)
  return measured
}

export async function preload(system: System, jobs: readonly Input[]): Promise<void> {
  for (const chunk of chunks(jobs)) await system.enqueueMany(chunk)
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
