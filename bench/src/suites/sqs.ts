import { startFresh } from '../fresh-services.ts'
import type { Floor } from '../floor.ts'
import { drain } from '../scenarios/drain.ts'
import { enqueueConcurrently, enqueueInBulk, enqueueSequentially } from '../scenarios/enqueue.ts'
import { pickup } from '../scenarios/pickup.ts'
import { both } from '../servers/both.ts'
import { connectPostgres } from '../servers/postgres.ts'
import { connectSqs } from '../servers/sqs.ts'
import type { Suite } from '../suite.ts'

const OURS = 'jobport-sqs'
const LIMIT = 'limit-sqs'
const STORED = 'jobport-sqs-postgres'
const peers = ['sqs-consumer', 'aws-sdk']

const many = { full: 50_000, quick: 10_000 }
/** The emulator takes twice as long for a job where 50,000 wait as where 10,000 do, and the peers are not fast enough for more: all find the same. */
const few = { full: 10_000, quick: 10_000, warm: 25_000 }
/** With a store a hundred jobs share a message. */
const sizes = { [STORED]: many, 'jobport-postgres': many }

const floor = (scenario: string, bound: Floor['bound']): Floor => ({ system: OURS, scenario, over: peers, bound })

export const suite: Suite = {
  title: 'SQS',
  contests: [
    { ours: [OURS], peers: [...peers, LIMIT] },
    // What a store costs, beside what it does alone.
    { ours: [STORED, 'jobport-postgres'], peers: [] },
  ],
  scenarios: [
    enqueueSequentially({ full: 5_000, quick: 1_000 }),
    enqueueConcurrently(100, many),
    enqueueInBulk(many),
    drain({ concurrency: 10, size: few, sizes }),
    drain({ concurrency: 100, size: few, sizes, cpu: ['client'] }),
    drain({ concurrency: 100, size: few, sizes, processes: 2 }),
    pickup({ full: 500, quick: 100 }),
  ],
  explained: ['enqueue-c100', 'drain-c100'],
  floors: [
    floor('drain-c10', { atLeast: 4 }),
    floor('drain-c100', { atLeast: 1.8 }),
    floor('cpu-client', { atMost: 1 / 2.5 }),
    // The peers send what 100 callers ask for one by one.
    floor('enqueue-c100', { atLeast: 20 }),
    { system: STORED, scenario: 'drain-c100', over: ['jobport-postgres'], bound: { atLeast: 0.6 } },
  ],
  skips: {
    // Bare requests have nobody who waits.
    [LIMIT]: ['pickup'],
  },
  services: () => startFresh('sqs', 'postgres'),
  server: both(connectSqs, connectPostgres),
}
