import type { Server } from './server.ts'
import type { System } from './system.ts'
import type { Tally } from './scenarios/tally.ts'

/** Something that is done to a system and timed. */
export interface Scenario {
  readonly name: string
  readonly description: string
  readonly size: Size
  /** Of systems that get another, by their names. */
  readonly sizes?: Readonly<Record<string, Size>>
  /** What it yields. */
  readonly metrics: readonly Metric[]
  /** Measures what is stored rather than how fast: without a warm-up, and with as many jobs for every system. */
  readonly still?: boolean
  /** Worker processes that it needs beside the one that measures. */
  readonly processes?: number
  /** Left out of quick runs, or of every run that does not name it. */
  readonly only?: 'full' | 'named'
  /** Leaves the system as empty as it found it. Throws when a job was lost, or handled twice. */
  run(stage: Stage, size: number): Promise<Readonly<Record<string, number>>>
}

export interface Metric {
  /** The name of a line in the results. */
  readonly name: string
  readonly unit: Unit
}

export type Unit = 'jobs/s' | 'ms' | 's/100k jobs' | 'bytes/job' | 'MB' | '×'

/** How many jobs: in a full run, and in a quick one. A slow system gets fewer: see effort.ts. */
export interface Size {
  readonly full: number
  readonly quick: number
  /** Of a full run, for systems of ours: not fewer than that, however slow they are. */
  readonly least?: number
  /** What is enough for a warm-up in a full run. Default half of `full`. */
  readonly warm?: number
}

export interface Stage {
  readonly system: System
  /** What the system stores its jobs in, where that is a process of its own. */
  readonly server: Server | undefined
  /** Times the part that counts. */
  measure(work: () => Promise<void>): Promise<Measured>
  /** As many as the scenario asked for. */
  readonly workers: Workers | undefined
}

export interface Measured {
  readonly seconds: number
  /** Of all threads of this process, user and system. */
  readonly cpuSeconds: number
  /** Of the server, where it says so. */
  readonly serverCpuSeconds: number | undefined
}

/** Worker processes, all at the same work. */
export interface Workers {
  /** Begins, and reports progress to the tally. */
  work(concurrency: number, tally: Tally): void
  /** Resolves when all that has been handled is acknowledged too. */
  settled(): Promise<void>
  /** Stops working, and tells the tally who handled what. */
  stop(): Promise<void>
}
