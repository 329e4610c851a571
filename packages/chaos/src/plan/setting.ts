import type { Ms } from '@jobport/core'
import type { MutantName } from '../mutants/mutants.ts'

export const backendNames = ['sqlite', 'redis', 'postgres'] as const

export type BackendName = (typeof backendNames)[number]

/** What a run is to be like. */
export interface Setting {
  readonly backend: BackendName
  readonly seed: number
  readonly jobs: number
  readonly kills: number
  /** What is wrong on purpose with the backend that the processes use. */
  readonly mutant?: MutantName
  /** What the processes wrote down is kept, also when nothing is wrong with it. */
  readonly keep?: boolean
}

/** Short, so that many leases run out in a run of a few minutes. */
export const LEASE: Ms = 2_000
export const MAX_CRASHES = 3
export const PRODUCERS = 2
export const WORKERS = 4
/** Between two incidents, on average. The producers take their time accordingly. */
export const INTERVAL: Ms = 900
/** What is enough to notice that something is broken, and short enough for every test run. */
export const smoke = { jobs: 500, kills: 10 } as const
