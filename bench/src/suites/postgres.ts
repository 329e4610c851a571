import { startFresh } from '../fresh-services.ts'
import type { Floor } from '../floor.ts'
import { backlog } from '../scenarios/backlog.ts'
import { drain } from '../scenarios/drain.ts'
import { enqueueChecked, enqueueConcurrently, enqueueInBulk, enqueueSequentially } from '../scenarios/enqueue.ts'
import { footprint } from '../scenarios/footprint.ts'
import { growth, steadySize } from '../scenarios/growth.ts'
import { openTransaction } from '../scenarios/open-transaction.ts'
import { pickup } from '../scenarios/pickup.ts'
import { afterFinished } from '../scenarios/variant.ts'
import { connectPostgres } from '../servers/postgres.ts'
import type { Suite } from '../suite.ts'

const OURS = 'jobport-postgres'
const LIMIT = 'limit-postgres'
const peers = ['pg-boss', 'graphile-worker', 'bullmq-postgres']

const many = { full: 200_000, quick: 20_000 }
const drained = { ...many, least: 200_000 }
/** For eight processes: each has as many as each of two, so that to begin and to end weighs the same. */
const shared = { ...drained, full: 800_000, least: 800_000, warm: 200_000 }

/** What it costs that much has piled up is a question to ourselves; so is what many processes cost each other. */
const own = [
  afterFinished(drain({ concurrency: 100, size: drained }), '1m-finished', 5),
  backlog({ label: '10k', share: 0.05, size: drained }),
  backlog({ label: '1m', share: 5, size: drained }),
  { ...drain({ concurrency: 100, size: shared, processes: 8 }), only: 'full' as const },
  growth('2m', { full: 2_000_000, quick: 20_000 }),
  steadySize(5_000, { full: 400, quick: 10 }),
]

const bestPeer: Readonly<Record<string, Floor['bound']>> = {
  'enqueue-seq': { atLeast: 2.5 },
  'enqueue-c100': { atLeast: 50 },
  'enqueue-bulk': { atLeast: 2.5 },
  'drain-c1': { atLeast: 1 },
  'drain-c10': { atLeast: 2 },
  'drain-c100': { atLeast: 3.5 },
  'pickup-p50': { atMost: 0.8 },
  'bytes-waiting': { atMost: 0.65 },
  'cpu-client': { atMost: 1 / 3 },
  'cpu-server': { atMost: 1 / 2.5 },
}

export const suite: Suite = {
  title: 'Postgres',
  contests: [{ ours: [OURS], peers: [...peers, LIMIT] }],
  scenarios: [
    enqueueSequentially({ full: 20_000, quick: 3_000 }),
    enqueueConcurrently(100, many),
    enqueueInBulk(many),
    { ...enqueueChecked(100, many), only: 'full' },
    drain({ concurrency: 1, size: drained }),
    drain({ concurrency: 10, size: drained }),
    drain({ concurrency: 100, size: drained, cpu: ['client', 'server'] }),
    drain({ concurrency: 100, size: drained, processes: 2 }),
    pickup({ full: 1000, quick: 100 }),
    footprint({ full: 20_000, quick: 3_000 }),
    ...own,
    openTransaction,
  ],
  explained: ['enqueue-c100', 'drain-c100'],
  floors: [
    ...Object.entries(bestPeer).map(([scenario, bound]): Floor => ({ system: OURS, scenario, over: peers, bound })),
    { system: OURS, scenario: 'drain-c100-1m-finished', over: { scenario: 'drain-c100' }, bound: { atLeast: 0.9 } },
    {
      system: OURS,
      scenario: 'drain-c100-1m-waiting',
      over: { scenario: 'drain-c100-10k-waiting' },
      bound: { atLeast: 0.8 },
    },
    { system: OURS, scenario: 'drain-8x100', over: { scenario: 'drain-2x100' }, bound: { atLeast: 0.7 } },
    { system: OURS, scenario: 'size-after-2m', bound: { atMost: 150 } },
    { system: OURS, scenario: 'size-at-5000-a-second', bound: { atMost: 150 } },
    { system: OURS, scenario: 'open-transaction-p99', bound: { atMost: 50 } },
  ],
  skips: {
    ...Object.fromEntries(peers.map((peer) => [peer, own.map(({ name }) => name)])),
    // Bare statements have nobody who waits, and nothing that checks or finishes.
    [LIMIT]: ['enqueue-c100-schema', 'pickup', 'bytes', 'open-transaction', ...own.map(({ name }) => name)],
  },
  services: () => startFresh('postgres'),
  server: connectPostgres,
}
