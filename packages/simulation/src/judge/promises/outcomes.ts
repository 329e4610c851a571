import type { EventOf } from '../../history/event.ts'
import { TIMEOUT } from '../../play/definitions.ts'
import type { PromiseOf } from '../promise.ts'

interface Attempt {
  readonly startedAt: number
  ended: string | undefined
  aborted: string | undefined
}

function nameOf({ by, id, attempt }: { readonly by: string; readonly id: string; readonly attempt: number }): string {
  return `${by} ${id} ${attempt}`
}

export const outcomes: PromiseOf = {
  name: 'outcomes',
  says: 'An outcome is what the handler made of it: completed when it returned, failed when it threw or took too long. It is told once it is stored.',
  watch({ ledger, broken }) {
    const attempts = new Map<string, Attempt>()

    /** Why a settlement has nothing to go by. */
    function objection(event: EventOf<'settle'>): string | undefined {
      const own = attempts.get(nameOf(event))
      const { id, to, at, error } = event
      if (to === 'completed') return own?.ended === 'returned' ? undefined : 'its handler has not returned'
      if (to === 'cancelled') return ledger.jobs.get(id)?.cancelRequested ? undefined : 'nobody asked for it'
      const fails = to === 'dead' || event.counts === 'failure'
      if (!fails || error === 'JobCrashedError') return undefined
      if (own === undefined) return 'it was never started'
      if (error === 'JobTimeoutError')
        return at - own.startedAt >= TIMEOUT - 2 ? undefined : `it had run for ${at - own.startedAt} ms`
      const threw =
        own.ended !== undefined && own.ended !== 'returned' && own.ended !== 'aborted' && own.ended !== 'Snooze'
      return threw
        ? undefined
        : `its handler ${own.ended === undefined ? 'had not ended' : `has ${own.ended}`}${own.aborted === undefined ? '' : ` because of ${own.aborted}`}, and the error is ${error}`
    }

    return {
      on: {
        start(event) {
          const { by, id, attempt, at } = event
          const claim = ledger.claimOf(id, attempt)
          if (claim === undefined || claim.by !== by) {
            broken(`${by} started ${id} without having claimed it`, { jobs: [id], processes: [by] })
          }
          attempts.set(nameOf(event), { startedAt: at, ended: undefined, aborted: undefined })
        },
        end(event) {
          const own = attempts.get(nameOf(event))
          if (own !== undefined) own.ended ??= event.how
        },
        abort(event) {
          const own = attempts.get(nameOf(event))
          if (own !== undefined) own.aborted ??= event.reason
        },
        settle(event) {
          const { by, id, attempt, to, reply } = event
          // A repeat says nothing new.
          if (reply !== 'applied' || ledger.claimOf(id, attempt)?.settled !== undefined) return
          const why = objection(event)
          if (why === undefined) return
          const what = to === 'waiting' ? 'counted as a failure' : to
          broken(`${id}: attempt ${attempt} is ${what}, but ${why}`, { jobs: [id], processes: [by] })
        },
        told({ by, event, id, attempt }) {
          if (event !== 'completed' && event !== 'dead' && event !== 'cancelled') return
          if (ledger.claimOf(id, attempt)?.settled === event) return
          broken(`${by} told that ${id} is ${event}, and it is not`, { jobs: [id], processes: [by] })
        },
      },
    }
  },
}
