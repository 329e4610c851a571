import type { Ms } from '@jobport/core'
import type { PromiseOf } from '../promise.ts'

/** What the worker waits for at most besides its grace: handlers that ignore their signal, and answers of a backend that is away. */
const LONGEST: Ms = 1_000 + 10_000 + 1_000

export const closing: PromiseOf = {
  name: 'closing',
  says: 'A worker always closes, soon where nothing is in the way, and leaves no timer behind.',
  unfenced: true,
  watch({ scenario, troubles, broken }) {
    const began = new Map<string, { readonly at: Ms; readonly patience: Ms }>()
    const abortGrace = Math.max(...scenario.workers.map((plan) => plan.abortGrace))
    return {
      see(event) {
        if (event.type === 'closing') began.set(event.by, event)
        if (event.type === 'crash') began.delete(event.by)
        if (event.type !== 'closed') return
        const { by, at, timers } = event
        const start = began.get(by)!
        began.delete(by)
        const concerned = { processes: [by] }
        if (timers > 0) broken(`${by} is closed and has ${timers} timers`, concerned)
        const isClear = !troubles.since(by, start.at - 2_000)
        const most =
          start.patience + abortGrace + (isClear ? 100 + 12 * scenario.weather.latency : LONGEST + 3 * scenario.lease)
        if (at - start.at > most)
          broken(`${by} took ${at - start.at} ms to close, with ${start.patience} of grace`, concerned)
      },
      end() {
        for (const by of began.keys()) broken(`${by} never closed`, { processes: [by] })
      },
    }
  },
}
