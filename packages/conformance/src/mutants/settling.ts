import type { NewJob, Settled, Settlement } from '@jobport/core/adapter'
import type { Mutant } from './mutant.ts'

const bare = (settlement: Settlement): Settlement => ({ ...settlement, then: [] })
const followers = (settlements: readonly Settlement[]): readonly NewJob[] =>
  settlements.flatMap(({ then = [] }) => then)
const aTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export const ackBeforeHandler: Mutant = {
  name: 'ack before the handler',
  does: 'ends a job when it is claimed, so a crash loses it',
  caughtBy: ['A4.1', 'A2.34', 'A3.3', 'B2.1', 'B2.9'],
  mutate: (backend) => ({
    async claim(request, signal) {
      const claimed = await backend.claim(request, signal)
      await backend.settle(claimed.map(({ lease }) => ({ lease, to: 'completed', keep: 3_600_000 })))
      return claimed
    },
  }),
}

export const requeueInTwoSteps: Mutant = {
  name: 'requeue in two steps',
  does: 'takes a returned job out and puts it in again later, so a crash in between loses it',
  caughtBy: ['A3.6', 'A2.33'],
  mutate: (backend) => ({
    async settle(settlements) {
      const answers: Settled[] = []
      for (const settlement of settlements) {
        const [answer] = await backend.settle([
          settlement.to === 'waiting' ? { ...settlement, to: 'completed', keep: 3_600_000 } : settlement,
        ])
        answers.push(answer!)
        if (settlement.to !== 'waiting' || answer !== 'applied') continue
        const { id } = settlement.lease
        const [record] = await backend.inspect!.find([id])
        await backend.operate!.remove([id])
        await aTurn()
        const { queue, name, payload, headers, policy, priority, group } = record!
        await backend.enqueue([
          {
            id,
            queue,
            name,
            payload,
            headers,
            priority,
            delay: settlement.delay,
            ...(policy !== undefined && { policy }),
            ...(group !== undefined && { group }),
          },
        ])
      }
      return answers
    },
  }),
}

export const notifyBeforeSettle: Mutant = {
  name: 'notify before settle',
  does: 'stores follow-ups before it knows whether the settlement is applied',
  caughtBy: ['A13.7', 'A13.8', 'A13.10'],
  mutate: (backend) => ({
    async settle(settlements) {
      await backend.enqueue(followers(settlements))
      await aTurn()
      return backend.settle(settlements.map(bare))
    },
  }),
}

export const followUpsLater: Mutant = {
  name: 'follow-ups in a second step',
  does: 'stores follow-ups after the outcome, so a crash in between loses them',
  caughtBy: ['A13.10', 'B6.10'],
  mutate: (backend) => ({
    async settle(settlements) {
      const answers = await backend.settle(settlements.map(bare))
      await aTurn()
      await backend.enqueue(followers(settlements.filter((_, index) => answers[index] === 'applied')))
      return answers
    },
  }),
}

export const followUpsDropped: Mutant = {
  name: 'follow-ups dropped',
  does: 'forgets the follow-ups of a settlement',
  caughtBy: ['A13.1', 'A13.4', 'B5.1', 'B6.1', 'B6.2'],
  mutate: (backend) => ({ settle: (settlements) => backend.settle(settlements.map(bare)) }),
}

export const keptForever: Mutant = {
  name: 'kept for ever',
  does: 'never drops a finished record',
  caughtBy: ['A6.16', 'A6.17', 'A6.18'],
  mutate: (backend) => ({
    settle: (settlements) =>
      backend.settle(settlements.map((each) => (each.to === 'waiting' ? each : { ...each, keep: 1e12 }))),
  }),
}
