import { drain } from '../scenarios/drain.ts'
import { enqueueConcurrently, enqueueInBulk, enqueueSequentially } from '../scenarios/enqueue.ts'
import { pickup } from '../scenarios/pickup.ts'
import type { Suite } from '../suite.ts'

const many = { full: 200_000, quick: 50_000 }

// A bare loop has nobody who waits.
const waiting = ['pickup']

export const suite: Suite = {
  title: 'Core with the memory backend, and SQLite with an fsync for every commit',
  contests: [
    { ours: ['jobport-memory'], peers: ['limit-memory'] },
    { ours: ['jobport-sqlite'], peers: ['limit-sqlite'] },
  ],
  scenarios: [
    enqueueSequentially({ full: 20_000, quick: 1_000 }),
    enqueueConcurrently(100, many),
    enqueueInBulk(many),
    drain({ concurrency: 1, size: many }),
    drain({ concurrency: 10, size: many }),
    drain({ concurrency: 100, size: many, cpu: ['client'] }),
    pickup({ full: 1000, quick: 100 }),
  ],
  floors: [
    { system: 'jobport-memory', scenario: 'drain-c100', bound: { atLeast: 400_000 } },
    { system: 'jobport-memory', scenario: 'enqueue-c100', bound: { atLeast: 350_000 } },
    { system: 'jobport-sqlite', scenario: 'drain-c100', bound: { atLeast: 120_000 } },
    { system: 'jobport-sqlite', scenario: 'enqueue-bulk', bound: { atLeast: 200_000 } },
  ],
  explained: ['enqueue-c100', 'drain-c100'],
  skips: { 'limit-memory': waiting, 'limit-sqlite': waiting },
}
