import { startFresh } from '../fresh-services.ts'
import type { Floor } from '../floor.ts'
import { drain } from '../scenarios/drain.ts'
import { enqueueConcurrently, enqueueInBulk, enqueueSequentially } from '../scenarios/enqueue.ts'
import { pickup } from '../scenarios/pickup.ts'
import { both } from '../servers/both.ts'
import { connectPostgres } from '../servers/postgres.ts'
import { connectRabbitmq } from '../servers/rabbitmq.ts'
import type { Suite } from '../suite.ts'

const contests = [
  { ours: ['jobport-amqp'], peers: ['amqplib-quorum'] },
  { ours: ['jobport-amqp-classic'], peers: ['amqplib-classic'] },
]
/** What a store costs, beside what it does alone. */
const stored = { ours: ['jobport-amqp-postgres', 'jobport-postgres'], peers: [] }

const many = { full: 100_000, quick: 10_000 }

const bounds: Readonly<Record<string, Floor['bound']>> = {
  'enqueue-c100': { atLeast: 1.3 },
  'drain-c100': { atLeast: 1.5 },
  'pickup-p50': { atMost: 1.2 },
}

export const suite: Suite = {
  title: 'RabbitMQ',
  contests: [...contests, stored],
  scenarios: [
    enqueueSequentially({ full: 10_000, quick: 1_000 }),
    enqueueConcurrently(100, many),
    enqueueInBulk(many),
    drain({ concurrency: 1, size: many }),
    drain({ concurrency: 10, size: many }),
    drain({ concurrency: 100, size: many, cpu: ['client', 'server'] }),
    drain({ concurrency: 100, size: many, processes: 2 }),
    pickup({ full: 1000, quick: 100 }),
  ],
  explained: ['enqueue-c100', 'drain-c100'],
  floors: [
    ...contests.flatMap(({ ours, peers }) =>
      Object.entries(bounds).map(([scenario, bound]): Floor => ({ system: ours[0]!, scenario, over: peers, bound })),
    ),
    { system: 'jobport-amqp-postgres', scenario: 'drain-c100', over: ['jobport-postgres'], bound: { atLeast: 0.6 } },
  ],
  services: () => startFresh('rabbitmq', 'postgres'),
  server: both(connectRabbitmq, connectPostgres),
}
