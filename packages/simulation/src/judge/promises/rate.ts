import type { Ms } from '@jobport/core'
import type { PromiseOf } from '../promise.ts'

/** Clocks that run at different rates. */
const SLACK: Ms = 2

export const rate: PromiseOf = {
  name: 'rate',
  says: 'A worker starts at most `limit` handlers within any `per`.',
  unfenced: true,
  watch({ scenario, broken }) {
    const starts = new Map<string, { call: number; readonly at: Ms[] }>()
    return {
      see(event) {
        if (event.type !== 'start') return
        const { by, id, at, call } = event
        const limits = scenario.workers[Number(/^w(\d+)\./.exec(by)?.[1])]?.rateLimit
        if (limits === undefined) return
        let own = starts.get(by)
        if (own === undefined) starts.set(by, (own = { call: 0, at: [] }))
        if (own.call === call) return
        own.call = call
        own.at.push(at)
        const first = own.at.at(-1 - limits.limit)
        if (first !== undefined && at - first < limits.per - SLACK) {
          broken(`${by} started ${limits.limit + 1} handlers within ${at - first} ms, the last for ${id}`, {
            jobs: [id],
            processes: [by],
          })
        }
      },
    }
  },
}
