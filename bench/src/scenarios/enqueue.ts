import { BULK, chunks, inputs, type Input } from '../input.ts'
import type { Scenario, Size } from '../scenario.ts'
import type { System } from '../system.ts'
import { drainAll } from './drain.ts'

/** One caller, who waits for each job to be stored before the next. */
export function enqueueSequentially(size: Size): Scenario {
  return enqueue('enqueue-seq', 'one caller who awaits each job', size, async (system, jobs) => {
    for (const job of jobs) await system.enqueueOne(job)
  })
}

/** Callers who each wait for their own job, as the requests of a busy web server do. */
export function enqueueConcurrently(callers: number, size: Size): Scenario {
  const description = `${callers} concurrent callers in one process, each awaiting its job`
  return enqueue(`enqueue-c${callers}`, description, size, async (system, jobs) => {
    let next = 0
    const call = async (): Promise<void> => {
      while (next < jobs.length) await system.enqueueOne(jobs[next++]!)
    }
    await Promise.all(Array.from({ length: callers }, call))
  })
}

/** One caller who hands over a thousand jobs at a time. */
export function enqueueInBulk(size: Size): Scenario {
  return enqueue('enqueue-bulk', `one caller, ${BULK} jobs a call`, size, async (system, jobs) => {
    for (const chunk of chunks(jobs)) await system.enqueueMany(chunk)
  })
}

function enqueue(
  name: string,
  description: string,
  size: Size,
  send: (system: System, jobs: readonly Input[]) => Promise<void>,
): Scenario {
  return {
    name,
    description,
    size,
    metrics: [{ name, unit: 'jobs/s' }],
    async run({ system, measure }, count) {
      const jobs = inputs(count)
      const { seconds } = await measure(() => send(system, jobs))
      await drainAll(system, count)
      return { [name]: count / seconds }
    },
  }
}
