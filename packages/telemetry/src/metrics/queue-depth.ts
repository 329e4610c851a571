import type { Backend, JobState, Ms } from '@jobport/core'
import type { Sample } from './families.ts'
import { inTime } from './in-time.ts'

const STATES: readonly JobState[] = ['waiting', 'scheduled', 'active', 'completed', 'dead', 'cancelled']

export interface QueueDepthOptions {
  readonly backend: Pick<Backend, 'inspect'>
  readonly queues: readonly string[] | undefined
  readonly maxQueues: number
  readonly timeout: Ms
}

/** How full the queues are. A backend that does not answer in time costs its figures, never the scrape. */
export async function readDepth(options: QueueDepthOptions): Promise<readonly Sample[]> {
  const { inspect } = options.backend
  if (inspect === undefined) return []
  const samples = await inTime(options.timeout, ask(options, inspect))
  const up: Sample = { family: 'jobport_backend_up', labels: {}, value: samples === undefined ? 0 : 1 }
  return [...(samples ?? []), up]
}

async function ask(
  { queues, maxQueues }: QueueDepthOptions,
  inspect: NonNullable<Backend['inspect']>,
): Promise<readonly Sample[]> {
  const names = queues ?? (await inspect.queues()).slice(0, maxQueues)
  const counts = await Promise.all(
    names.map(async (queue): Promise<readonly Sample[]> => {
      const { oldest, paused, ...states } = await inspect.counts(queue)
      return [
        ...STATES.map((state): Sample => {
          return { family: 'jobport_queue_jobs', labels: { queue, state }, value: states[state] }
        }),
        { family: 'jobport_queue_oldest_waiting_seconds', labels: { queue }, value: oldest / 1000 },
        { family: 'jobport_queue_paused', labels: { queue }, value: paused ? 1 : 0 },
      ]
    }),
  )
  return counts.flat()
}
