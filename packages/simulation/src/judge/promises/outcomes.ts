import type { EventOf } from '../../history/event.ts'
import { TIMEOUT } from '../../play/definitions.ts'
import type { PromiseOf } from '../promise.ts'

interface Attempt {
  readonly startedAt: number
  ended: string | undefined
  aborted: string | undefined
}

export const outcomes: PromiseOf = {
  name: 'outcomes',
  says: 'An outcome is what the handler made of it: completed when it returned, failed when it threw or took too long. It is told once it is stored.',
  watch({ ledger, broken }) {
    const attempts = new Map<string, Attempt>()
    const nameOf = ({
      by,
      id,
      attempt,
    }: {
      readonly by: string
      readonly id: string
      readonly attempt: number
    }): string => `${by} ${id} ${attempt}`

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
      see(event) {
        switch (event.type) {
          case 'start': {
            const claim = ledger.claimOf(event.id, event.attempt)
            if (claim === undefined || claim.by !== event.by) {
              broken(`${event.by} started ${event.id} without having claimed it`, {
                jobs: [event.id],
                processes: [event.by],
              })
            }
            attempts.set(nameOf(event), { startedAt: event.at, ended: undefined, aborted: undefined })
            return
          }
          case 'end': {
            const own = attempts.get(nameOf(event))
            if (own !== undefined) own.ended ??= event.how
            return
          }
          case 'abort': {
            const own = attempts.get(nameOf(event))
            if (own !== undefined) own.aborted ??= event.reason
            return
          }
          case 'settle': {
            // A repeat says nothing new.
            if (event.reply !== 'applied' || ledger.claimOf(event.id, event.attempt)?.settled !== undefined) return
            const why = objection(event)
            if (why === undefined) return
            const what = event.to === 'waiting' ? 'counted as a failure' : event.to
            broken(`${event.id}: attempt ${event.attempt} is ${what}, but ${why}`, {
              jobs: [event.id],
              processes: [event.by],
            })
            return
          }
          case 'told': {
            if (event.event !== 'completed' && event.event !== 'dead' && event.event !== 'cancelled') return
            if (ledger.claimOf(event.id, event.attempt)?.settled === event.event) return
            broken(`${event.by} told that ${event.id} is ${event.event}, and it is not`, {
              jobs: [event.id],
              processes: [event.by],
            })
          }
        }
      },
    }
  },
}
