import { startFresh } from '../fresh-services.ts'
import type { Floor } from '../floor.ts'
import { drain } from '../scenarios/drain.ts'
import { enqueueConcurrently, enqueueInBulk, enqueueSequentially } from '../scenarios/enqueue.ts'
import { pickup } from '../scenarios/pickup.ts'
import { connectRabbitmq } from '../servers/rabbitmq.ts'
import type { Suite } from '../suite.ts'

const contests = [
  { ours: ['jobport-amqp'], peers: ['amqplib-quorum'] },
  { ours: ['jobport-amqp-classic'], peers: ['amqplib-classic'] },
]

const many = { full: 100_000, quick: 10_000 }

const bounds: Readonly<Record<string, Floor['bound']>> = {
  'enqueue-c100': { atLeast: 1.3 },
  'drain-c100': { atLeast: 1.5 },
  'pickup-p50': { atMost: 1.2 },
}

export const suite: Suite = {
  title: 'RabbitMQ',
  contests,
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
  floors: contests.flatMap(({ ours, peers }) =>
    Object.entries(bounds).map(([scenario, bound]): Floor => ({ system: ours[0]!, scenario, over: peers, bound })),
  ),
  services: () => startFresh('rabbitmq'),
  server: connectRabbitmq,
}
