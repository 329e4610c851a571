import type { Ms } from '@jobport/core'
import type { EventOf, HistoryEvent } from '../../history/event.ts'
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

function nameOf({ by, id, attempt }: Pick<Running, 'by' | 'id' | 'attempt'>): string {
  return `${by} ${id} ${attempt}`
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
      },
      on: {
        got: hold,
        kept: hold,
        start(event) {
          const { by, id, attempt, at, does } = event
          if (does === 'deliver') return
          running.set(nameOf(event), { by, id, attempt, startedAt: at, aborted: false })
          if (at > (until.get(nameOf(event)) ?? Infinity) + SLACK) {
            broken(`${id}: ${by} started attempt ${attempt} when its lease might be over`, {
              jobs: [id],
              processes: [by],
            })
          }
        },
        abort(event) {
          const run = running.get(nameOf(event))
          if (run !== undefined) run.aborted = true
        },
        end: (event) => void running.delete(nameOf(event)),
        crash: leave,
        closed: leave,
        stop: ({ by }) => void stopped.add(by),
        continue({ by, at }) {
          stopped.delete(by)
          continuedAt.set(by, at)
        },
        send(event) {
          const { by, id, attempt, at } = event
          if (scenario.fenced || at <= (until.get(nameOf(event)) ?? 0) + SLACK) return
          broken(`${id}: ${by} settles attempt ${attempt} after its lease may be over, and nothing fences it`, {
            jobs: [id],
            processes: [by],
          })
        },
      },
    }

    function hold(event: EventOf<'got' | 'kept'>): void {
      const name = nameOf(event)
      until.set(name, Math.max(until.get(name) ?? 0, event.at + event.until - event.now))
    }

    function leave({ by }: { readonly by: string }): void {
      for (const [name, run] of running) if (run.by === by) running.delete(name)
    }
  },
}
