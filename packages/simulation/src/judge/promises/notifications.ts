import type { FinalState } from '@jobport/core'
import type { Follower } from '../../history/event.ts'
import type { PromiseOf } from '../promise.ts'

const NAME = 'jobport.notification'

export const notifications: PromiseOf = {
  name: 'notifications',
  says: 'Each outcome is told to each of its recipients, at least once and under one id, and never before it is stored.',
  watch({ ledger, scenario, broken }) {
    const plans = new Map(scenario.jobs.map((plan) => [plan.key, plan]))
    const delivered = new Set<string>()

    function check(id: string, state: FinalState, then: readonly Follower[] | undefined): void {
      const plan = plans.get(ledger.jobs.get(id)?.key ?? '')
      if (plan === undefined) return
      const expected = (state === 'dead' ? 1 : 0) + (plan.user === undefined ? 0 : 1)
      const about = (then ?? []).filter(({ name, key }) => name === NAME && key === `${id} ${state}`)
      if (about.length !== expected || new Set(about.map((each) => each.id)).size !== expected) {
        broken(`${id} is ${state} with ${about.length} notifications instead of ${expected}`, { jobs: [id] })
      }
    }

    return {
      see(event) {
        if (event.type === 'settle' && event.to !== 'waiting' && event.reply === 'applied') {
          const job = ledger.jobs.get(event.id)
          if (job !== undefined && ledger.holding(job)?.attempt === event.attempt) check(event.id, event.to, event.then)
        }
        if (event.type === 'cancel' && event.reply === 'cancelled') check(event.id, 'cancelled', event.then)
        if (event.type === 'enqueue' && event.name === NAME && event.status === 'enqueued') {
          const [id = '', state] = event.key?.split(' ') ?? []
          if (!ledger.jobs.get(id)?.outcomes.includes(state as FinalState)) {
            broken(`${event.id} was enqueued before ${id} was ${state}`, {
              jobs: [id, event.id],
              processes: [event.by],
            })
          }
        }
        if (event.type === 'deliver') {
          delivered.add(event.notification)
          if (!ledger.jobs.get(event.id)?.outcomes.includes(event.state)) {
            broken(`${event.notification} was delivered, and ${event.id} is not ${event.state}`, {
              jobs: [event.id, event.notification],
              processes: [event.by],
            })
          }
        }
      },
      end() {
        for (const { id, name, state, crashes } of ledger.jobs.values()) {
          if (name !== NAME || delivered.has(id)) continue
          if (state === 'dead' && crashes >= scenario.maxCrashes) continue
          broken(`${id} was never delivered, and is ${state}`, { jobs: [id, id.split(':')[0]!] })
        }
      },
    }
  },
}
