import type { System } from './system.ts'

/** Something that is done to a system and timed. */
export interface Scenario {
  readonly name: string
  readonly description: string
  readonly size: Size
  /** What it yields. */
  readonly metrics: readonly Metric[]
  /** Leaves the system as empty as it found it. Throws when a job was lost, or handled twice. */
  run(stage: Stage, size: number): Promise<Readonly<Record<string, number>>>
}

export interface Metric {
  /** The name of a line in the results. */
  readonly name: string
  readonly unit: Unit
}

export type Unit = 'jobs/s' | 'ms' | 's/100k jobs'

/** How many jobs: in a full run, and in a quick one. */
export interface Size {
  readonly full: number
  readonly quick: number
}

export interface Stage {
  readonly system: System
  /** Times the part that counts. */
  measure(work: () => Promise<void>): Promise<Measured>
}

export interface Measured {
  readonly seconds: number
  /** Of all threads of this process, user and system. */
  readonly cpuSeconds: number
}
