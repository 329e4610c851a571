import type { Ms } from '@jobport/core'
import { Chance } from '../chance.ts'
import type { ClockErrors } from '../world/process.ts'
import type { Weather } from '../world/network.ts'
import {
  QUEUES,
  type Act,
  type Incident,
  type JobKind,
  type JobPlan,
  type ProducerPlan,
  type Scenario,
  type WorkerPlan,
} from './scenario.ts'

const HOUR: Ms = 3_600_000

/** The scenario of a seed. */
export function invent(seed: number): Scenario {
  const chance = new Chance(seed)
  const kind = chance.weighted([
    [2, 'clear'],
    [3, 'lossy'],
    [3, 'deadly'],
    [3, 'stormy'],
  ] as const)
  const lossy = kind === 'lossy' || kind === 'stormy'
  const lease = chance.pick([1_000, 1_500, 3_000])
  const trouble = chance.between(4, 10) * 500
  const fenced = !chance.is(0.08)
  const producers = Array.from({ length: chance.between(1, 3) }, (): ProducerPlan => ({ clock: clockErrors(chance) }))
  const workers = [...inventWorkers(chance, kind), notifier(chance)]
  return {
    seed,
    kind,
    fenced,
    exchanges: chance.is(0.6),
    lease,
    maxCrashes: chance.pick([2, 3, 3, 4]),
    weather: inventWeather(chance, lossy),
    trouble,
    producers,
    workers,
    jobs: inventJobs(chance, { kind, lease, trouble, producers: producers.length, fenced }),
    incidents: inventIncidents(chance, kind, lease, trouble, workers.length, producers.length).toSorted(
      (a, b) => a.at - b.at,
    ),
    deliveriesFail: chance.pick([0, 0.2]),
  }
}

function inventWeather(chance: Chance, lossy: boolean): Weather {
  const latency = chance.pick([0, 0, 2, 10, 40])
  if (!lossy) return { latency, loss: 0, slow: 0, again: 0 }
  return { latency, loss: chance.pick([0.02, 0.05, 0.15]), slow: chance.pick([0, 0.02]), again: chance.pick([0, 0.05]) }
}

function inventWorkers(chance: Chance, kind: Scenario['kind']): readonly WorkerPlan[] {
  const count = kind === 'clear' ? chance.between(1, 3) : chance.between(2, 4)
  return Array.from({ length: count }, (_, place): WorkerPlan => ({
    role: 'worker',
    clock: clockErrors(chance),
    concurrency: chance.pick([1, 2, 3, 5, 8]),
    queues: { alpha: chance.between(1, 3), beta: chance.between(1, 3) },
    claimAhead: chance.pick([undefined, undefined, 0, 5]),
    rateLimit: chance.is(0.1) ? { limit: chance.between(2, 5), per: 200 } : undefined,
    abortGrace: chance.pick([100, 500, 1_000]),
    // Most must know every job: one that does not may well keep it from those who do for minutes.
    lacks: place === 1 && chance.is(0.3) ? chance.pick(['plain', 'timed', 'batch', 'chain'] as const) : undefined,
  }))
}

function notifier(chance: Chance): WorkerPlan {
  return {
    role: 'notifier',
    clock: clockErrors(chance),
    concurrency: chance.pick([1, 3]),
    queues: {},
    claimAhead: undefined,
    rateLimit: undefined,
    abortGrace: 500,
    lacks: undefined,
  }
}

function clockErrors(chance: Chance): ClockErrors {
  return {
    origin: chance.between(0, 1_000_000),
    rate: chance.pick([1, 1, 1, 1.002, 0.998]),
    skew: chance.pick([0, 0, HOUR, -HOUR]),
  }
}

interface JobSurroundings {
  readonly kind: Scenario['kind']
  readonly lease: Ms
  readonly trouble: Ms
  readonly producers: number
  readonly fenced: boolean
}

function inventJobs(chance: Chance, surroundings: JobSurroundings): readonly JobPlan[] {
  const { kind, trouble, producers, fenced } = surroundings
  const count = chance.between(8, 24)
  const deadly = kind === 'deadly' || kind === 'stormy'
  // Who dies with whom can only be told apart when few kill.
  const poisoned = deadly && chance.is(0.6) ? chance.between(1, 2) : 0
  return Array.from({ length: count }, (_, index): JobPlan => {
    const poison = index < poisoned
    const jobKind: JobKind = poison
      ? 'plain'
      : chance.weighted([
          [6, 'plain'],
          [2, 'timed'],
          [2, 'batch'],
          [2, 'chain'],
        ] as const)
    const group = fenced && !poison && chance.is(0.25) ? chance.pick(['g1', 'g2']) : undefined
    return {
      key: `k${index}`,
      kind: jobKind,
      producer: chance.between(0, producers - 1),
      at: Math.floor(chance.next() * chance.next() * trouble),
      id: chance.is(0.5) ? `job-${index}` : undefined,
      repeatAfter: chance.is(0.1) ? chance.between(0, 2_000) : undefined,
      delay: chance.is(0.15) ? chance.between(1, 2_000) : undefined,
      priority: chance.is(0.2) ? chance.between(1, 5) : undefined,
      unique:
        fenced && chance.is(0.15)
          ? { key: chance.pick(['u1', 'u2']), ...(chance.is(0.3) && { within: chance.between(100, 5_000) }) }
          : undefined,
      group,
      user: chance.is(0.4) ? chance.pick(['ann', 'bob']) : undefined,
      retries: chance.is(0.2) ? chance.between(0, 4) : undefined,
      awaited: fenced && chance.is(0.2),
      cancelAfter: fenced && chance.is(0.1) ? chance.between(0, 3_000) : undefined,
      retryAfter: fenced && chance.is(0.06) ? chance.between(1_000, 6_000) : undefined,
      acts: poison
        ? [{ does: 'poison', after: chance.pick([0, 0, 5, 200]) }]
        : inventActs(chance, jobKind, surroundings.lease),
    }
  })
}

function inventActs(chance: Chance, kind: JobKind, lease: Ms): readonly Act[] {
  const before = Array.from(
    {
      length: chance.weighted([
        [5, 0],
        [2, 1],
        [1, 2],
        [1, 6],
      ] as const),
    },
    () => inventAct(chance, kind, lease),
  )
  return [...before, completion(chance, lease)]
}

function inventAct(chance: Chance, kind: JobKind, lease: Ms): Act {
  return chance.weighted<Act>([
    [6, { does: 'fail', after: duration(chance, lease) }],
    [1, { does: 'unrecoverable', after: duration(chance, lease) }],
    [1, { does: 'later', after: 0, delay: chance.between(0, 500) }],
    [1, { does: 'snooze', after: chance.between(0, 50), delay: chance.between(0, 1_000) }],
    [kind === 'timed' ? 4 : 0, { does: 'hang' }],
    [kind === 'timed' ? 2 : 0, { does: 'never' }],
    [2, completion(chance, lease)],
  ])
}

function completion(chance: Chance, lease: Ms): Act {
  const after = duration(chance, lease)
  if (after > lease / 2 && chance.is(0.3)) return { does: 'deaf', after }
  return { does: 'complete', after, ...(chance.is(0.15) && { follows: true }), ...(chance.is(0.15) && { notes: true }) }
}

/** Most are short; some nearly a lease, or beyond: otherwise the simulation is blind to faults of fencing. */
function duration(chance: Chance, lease: Ms): Ms {
  return chance.weighted<() => Ms>([
    [4, () => 0],
    [4, () => chance.between(1, 20)],
    [3, () => chance.between(20, 300)],
    [1, () => Math.round(lease * (0.85 + chance.next() * 0.2))],
    [1, () => Math.round(lease * (1 + chance.next() * 1.5))],
  ])()
}

function inventIncidents(
  chance: Chance,
  kind: Scenario['kind'],
  lease: Ms,
  trouble: Ms,
  workers: number,
  producers: number,
): Incident[] {
  const incidents: Incident[] = []
  const add = (most: number, make: (at: Ms) => Incident): void => {
    for (let count = chance.between(0, most); count > 0; count--) incidents.push(make(chance.between(0, trouble)))
  }
  const place = (): number => chance.between(0, workers - 1)
  const someone = (): { of: 'worker' | 'producer'; place: number } =>
    chance.is(0.85) ? { of: 'worker', place: place() } : { of: 'producer', place: chance.between(0, producers - 1) }
  add(2, (at) => ({
    at,
    does: 'replace',
    place: place(),
    grace: chance.pick([0, 100, 2_000]),
    downFor: chance.pick([0, 300]),
  }))
  add(1, (at) => ({ at, does: 'pause', place: place(), length: chance.between(100, 2_000) }))
  add(1, (at) => ({ at, does: 'concurrency', place: place(), to: chance.between(1, 6) }))
  if (chance.is(0.2))
    add(1, (at) => ({ at, does: 'pause-queue', queue: chance.pick(QUEUES), length: chance.between(100, 2_000) }))
  if (kind === 'deadly' || kind === 'stormy') {
    add(2, (at) => ({ at, does: 'crash', ...someone(), downFor: chance.between(50, 2_000) }))
    add(2, (at) => ({
      at,
      does: 'stop',
      ...someone(),
      length: chance.between(100, 3 * lease),
      timersFirst: chance.is(0.7),
    }))
  }
  if (kind === 'lossy' || kind === 'stormy') {
    add(2, (at) => ({
      at,
      does: 'cut',
      ...someone(),
      length: chance.between(100, 3 * lease),
      what: chance.pick(['requests', 'replies', 'both']),
    }))
  }
  return incidents
}
