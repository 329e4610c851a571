import { drain } from '../scenarios/drain.ts'
import { enqueueConcurrently, enqueueInBulk, enqueueSequentially } from '../scenarios/enqueue.ts'
import { pickup } from '../scenarios/pickup.ts'
import type { Suite } from '../suite.ts'

const many = { full: 300_000, quick: 50_000 }

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
    drain({ concurrency: 100, size: many, cpu: true }),
    pickup({ full: 1000, quick: 100 }),
  ],
  explained: ['enqueue-c100', 'drain-c100'],
  skips: { 'limit-memory': waiting, 'limit-sqlite': waiting },
}
