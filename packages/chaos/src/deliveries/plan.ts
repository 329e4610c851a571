import { defineJob, fixed, type } from '@jobport/core'
import type { StatefulName } from '../plan/setting.ts'
import type { Endpoint } from '../server/endpoint.ts'

export interface DeliveriesSetting {
  readonly backend: StatefulName
  readonly seed: number
  readonly outcomes: number
  /** How often the sender is killed. */
  readonly kills: number
  /** What is wrong on purpose with the sender or the worker; the judge must see it. */
  readonly mutant?: DeliveriesMutant
}

export const deliveriesMutants = [
  'notifies-before-it-settles',
  'new-id-each-time',
  'forgets-failures',
  'unsigned',
] as const
export type DeliveriesMutant = (typeof deliveriesMutants)[number]

export const full = { outcomes: 2_000, kills: 20 } as const
/** What is enough to notice that something is broken, and short enough for every test run. */
export const short = { outcomes: 300, kills: 5 } as const

/** Of all attempts at the receiver, how many fail. */
export const FAILURES = 0.3
export const LEASE = 1_000

/** What becomes of a job. `zombie`: its first attempt sleeps over its lease and comes back with another outcome than the one that counts. */
export type Fate = 'completes' | 'dies' | 'zombie'

export const announced = defineJob('announced', {
  queue: 'announced',
  input: type<{ readonly fate: Fate }>(),
  output: type<{ readonly attempt: number }>(),
  retry: { retries: 1, backoff: fixed(10) },
  keep: '6h',
  notify: [{ on: 'finished', to: (job) => ({ user: job.id }) }],
})

/** One in eight dies; about ten of them all are zombies. */
export function fateOf(index: number, outcomes: number): Fate {
  if (index % Math.ceil(outcomes / 10) === 5) return 'zombie'
  return index % 8 === 3 ? 'dies' : 'completes'
}

/** What a process of a run is told. */
export interface Role {
  readonly role: 'worker' | 'sender'
  readonly endpoint: Endpoint
  readonly url: string
  readonly secret: string
  readonly mutant?: DeliveriesMutant
}
