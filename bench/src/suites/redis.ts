import { startFresh } from '../fresh-services.ts'
import type { Floor } from '../floor.ts'
import type { Metric } from '../scenario.ts'
import { backlog } from '../scenarios/backlog.ts'
import { drain } from '../scenarios/drain.ts'
import { enqueueChecked, enqueueConcurrently, enqueueInBulk, enqueueSequentially } from '../scenarios/enqueue.ts'
import { footprint } from '../scenarios/footprint.ts'
import { pickup } from '../scenarios/pickup.ts'
import { persisted } from '../scenarios/variant.ts'
import { connectRedis } from '../servers/redis.ts'
import type { Suite } from '../suite.ts'

const OURS = 'jobport-redis'
const LIMIT = 'limit-redis'
const peers = ['bullmq', 'bee-queue', 'platformatic']

const many = { full: 200_000, quick: 20_000 }
const drained = { ...many, least: 200_000 }

const scenarios = [
  enqueueSequentially({ full: 20_000, quick: 3_000 }),
  enqueueConcurrently(100, many),
  enqueueInBulk(many),
  { ...enqueueChecked(100, many), only: 'full' as const },
  drain({ concurrency: 1, size: drained }),
  drain({ concurrency: 10, size: drained }),
  drain({ concurrency: 100, size: drained, cpu: ['client', 'server'] }),
  drain({ concurrency: 100, size: drained, processes: 2 }),
  pickup({ full: 1000, quick: 100 }),
  footprint({ full: 50_000, quick: 5_000 }),
  persisted(enqueueConcurrently(100, many), 'aof'),
  persisted(drain({ concurrency: 100, size: drained }), 'aof'),
  backlog({ label: '10k', share: 0.05, size: drained }),
  backlog({ label: '1m', share: 5, size: drained }),
]

const backlogs = ['drain-c100-10k-waiting', 'drain-c100-1m-waiting']

const toBullmq: Readonly<Record<string, Floor['bound']>> = {
  'enqueue-seq': { atLeast: 1.2 },
  'enqueue-c100': { atLeast: 3.5 },
  'enqueue-bulk': { atLeast: 7 },
  'drain-c1': { atLeast: 2 },
  'drain-c10': { atLeast: 4 },
  'drain-c100': { atLeast: 10 },
  'drain-2x100': { atLeast: 12 },
  'pickup-p50': { atMost: 0.35 },
  'pickup-p99': { atMost: 0.5 },
  'bytes-waiting': { atMost: 0.33 },
  'cpu-client': { atMost: 1 / 12 },
  'cpu-server': { atMost: 1 / 8 },
}

/** Level counts as ahead where the round trip decides. */
const LEVEL = 0.95

function ahead({ name, unit }: Metric, peer: string): Floor {
  const level = name === 'enqueue-seq' && peer === 'bee-queue' ? LEVEL : 1
  return { system: OURS, scenario: name, over: [peer], bound: unit === 'jobs/s' ? { atLeast: level } : { atMost: 1 } }
}

export const suite: Suite = {
  title: 'Redis',
  contests: [{ ours: [OURS], peers: [...peers, LIMIT] }],
  scenarios,
  explained: ['enqueue-c100', 'drain-c100'],
  floors: [
    ...Object.entries(toBullmq).map(([scenario, bound]): Floor => ({
      system: OURS,
      scenario,
      over: ['bullmq'],
      bound,
    })),
    { system: OURS, scenario: 'drain-c100', over: [LIMIT], bound: { atLeast: 0.5 } },
    { system: OURS, scenario: backlogs[1]!, over: { scenario: backlogs[0]! }, bound: { atLeast: 0.9 } },
    ...['bee-queue', 'platformatic'].flatMap((peer) =>
      scenarios.flatMap(({ metrics }) => metrics).map((metric) => ahead(metric, peer)),
    ),
  ],
  skips: {
    // What it costs that jobs wait is a question to ourselves.
    ...Object.fromEntries(peers.map((peer) => [peer, backlogs])),
    // Bare commands have nobody who waits, and nothing that checks or finishes.
    [LIMIT]: ['enqueue-c100-schema', 'pickup', 'bytes', ...backlogs],
  },
  services: () => startFresh('redis'),
  server: connectRedis,
}
