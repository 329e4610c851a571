import { extraKey, linkKey } from '../../play/definitions.ts'
import type { PromiseOf } from '../promise.ts'

export const followUps: PromiseOf = {
  name: 'follow-ups',
  says: 'What follows from a completion is stored with it, exactly once.',
  watch({ ledger, scenario, broken }) {
    const plans = new Map(scenario.jobs.map((plan) => [plan.key, plan]))
    return {
      see(event) {
        if (event.type !== 'settle' || event.to !== 'completed' || event.reply !== 'applied') return
        const job = ledger.jobs.get(event.id)
        const plan = plans.get(job?.key ?? '')
        if (job === undefined || plan === undefined) return
        const act = plan.acts[Math.min(event.attempt, plan.acts.length) - 1]!
        const expected = [
          ...(plan.kind === 'chain' ? [linkKey(plan.key)] : []),
          ...(act.does === 'complete' && act.follows ? [extraKey(plan.key)] : []),
        ]
        const stored = (event.then ?? []).flatMap(({ name, key }) => (name.startsWith('sim.') ? [key!] : []))
        if (stored.toString() !== expected.toString()) {
          broken(
            `${event.id} is completed and followed by ${stored.join(', ') || 'nothing'} instead of ${expected.join(', ') || 'nothing'}`,
            {
              jobs: [event.id],
              processes: [event.by],
            },
          )
        }
      },
      end() {
        const count = new Map<string, string[]>()
        for (const { id, key = '' } of ledger.jobs.values()) count.set(key, [...(count.get(key) ?? []), id])
        for (const job of ledger.jobs.values()) {
          if (plans.get(job.key ?? '')?.kind !== 'chain') continue
          const followers = count.get(linkKey(job.key!)) ?? []
          const completions = job.outcomes.filter((state) => state === 'completed').length
          if (followers.length === completions) continue
          broken(`${job.id} was completed ${completions} times and followed by ${followers.length} jobs`, {
            jobs: [job.id, ...followers],
          })
        }
      },
    }
  },
}
