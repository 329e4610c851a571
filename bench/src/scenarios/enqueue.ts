import { BULK, chunks, inputs, inputSchema, type Input } from '../input.ts'
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
  return enqueue(`enqueue-c${callers}`, description, size, (system, jobs) =>
    concurrently(callers, jobs, (job) => system.enqueueOne(job)),
  )
}

/** The same with payloads checked against a schema: by the system where it does that, else before the call. */
export function enqueueChecked(callers: number, size: Size): Scenario {
  const description = `${callers} concurrent callers, each payload checked against a zod schema`
  return enqueue(`enqueue-c${callers}-schema`, description, size, (system, jobs) => {
    const send = system.enqueueChecked ?? ((job: Input) => system.enqueueOne(inputSchema.parse(job)))
    return concurrently(callers, jobs, send)
  })
}

/** One caller who hands over a thousand jobs at a time. */
export function enqueueInBulk(size: Size): Scenario {
  return enqueue('enqueue-bulk', `one caller, ${BULK} jobs a call`, size, async (system, jobs) => {
    for (const chunk of chunks(jobs)) await system.enqueueMany(chunk)
  })
}

async function concurrently(
  callers: number,
  jobs: readonly Input[],
  send: (job: Input) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const call = async (): Promise<void> => {
    while (next < jobs.length) await send(jobs[next++]!)
  }
  await Promise.all(Array.from({ length: callers }, call))
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
