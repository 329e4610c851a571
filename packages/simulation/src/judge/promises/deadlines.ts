import type { Ms } from '@jobport/core'
import type { HistoryEvent } from '../../history/event.ts'
import type { PromiseOf } from '../promise.ts'

/** Clocks that run at different rates, and timers that tick in whole milliseconds. */
const SLACK: Ms = 12

interface Running {
  readonly by: string
  readonly id: string
  readonly attempt: number
  readonly startedAt: Ms
  aborted: boolean
}

export const deadlines: PromiseOf = {
  name: 'deadlines',
  says: 'A handler is told to stop before its lease can be over; and where nothing fences settlements, nothing is settled after that.',
  unfenced: true,
  watch({ scenario, troubles, broken }) {
    /** In world time. */
    const until = new Map<string, Ms>()
    const running = new Map<string, Running>()
    const stopped = new Set<string>()
    const continuedAt = new Map<string, Ms>()
    const nameOf = ({ by, id, attempt }: Pick<Running, 'by' | 'id' | 'attempt'>): string => `${by} ${id} ${attempt}`

    function late({ by, startedAt }: Running, name: string, now: Ms): boolean {
      if (stopped.has(by) || troubles.diedAt(by) !== undefined) return false
      return now > Math.max(until.get(name) ?? Infinity, continuedAt.get(by) ?? 0, startedAt) + SLACK
    }

    return {
      see(event: HistoryEvent) {
        for (const [name, run] of running) {
          if (run.aborted || !late(run, name, event.at)) continue
          run.aborted = true
          broken(`${run.id}: attempt ${run.attempt} runs on in ${run.by} beyond its lease without being told`, {
            jobs: [run.id],
            processes: [run.by],
          })
        }
        switch (event.type) {
          case 'got':
          case 'kept':
            until.set(nameOf(event), Math.max(until.get(nameOf(event)) ?? 0, event.at + event.until - event.now))
            return
          case 'start':
            if (event.does === 'deliver') return
            running.set(nameOf(event), {
              by: event.by,
              id: event.id,
              attempt: event.attempt,
              startedAt: event.at,
              aborted: false,
            })
            if (event.at > (until.get(nameOf(event)) ?? Infinity) + SLACK) {
              broken(`${event.id}: ${event.by} started attempt ${event.attempt} when its lease might be over`, {
                jobs: [event.id],
                processes: [event.by],
              })
            }
            return
          case 'abort': {
            const run = running.get(nameOf(event))
            if (run !== undefined) run.aborted = true
            return
          }
          case 'end':
            running.delete(nameOf(event))
            return
          case 'crash':
            for (const [name, { by }] of running) if (by === event.by) running.delete(name)
            return
          case 'closed':
            for (const [name, { by }] of running) if (by === event.by) running.delete(name)
            return
          case 'stop':
            stopped.add(event.by)
            return
          case 'continue':
            stopped.delete(event.by)
            continuedAt.set(event.by, event.at)
            return
          case 'send': {
            if (scenario.fenced || event.at <= (until.get(nameOf(event)) ?? 0) + SLACK) return
            broken(
              `${event.id}: ${event.by} settles attempt ${event.attempt} after its lease may be over, and nothing fences it`,
              {
                jobs: [event.id],
                processes: [event.by],
              },
            )
          }
        }
      },
    }
  },
}
