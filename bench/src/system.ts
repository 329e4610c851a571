import type { Input } from './input.ts'

/**
 * One queue library in one configuration. A file of `systems/`, named after the system, exports `create`; it is loaded only in
 * the processes that measure it.
 */
export interface System {
  /** How it is set up, in a phrase: what a reader needs to judge whether the comparison is fair. */
  readonly configuration: string
  /** Of the packages and engines that do the work. */
  readonly versions: Readonly<Record<string, string>>
  /** Connects, and creates what it needs to. Nothing is stored yet, but another process may have prepared it before. */
  prepare(): Promise<void>
  /** Resolves when the job is stored as durably as the system acknowledges. */
  enqueueOne(input: Input): Promise<unknown>
  /** The same with the payload checked against `inputSchema`, where the system does that itself. */
  enqueueChecked?(input: Input): Promise<unknown>
  /** Up to 1000 jobs, in the way that the system offers for many. */
  enqueueMany(inputs: readonly Input[]): Promise<void>
  /** Starts a worker in this process. */
  work(concurrency: number, handle: (input: Input) => Promise<void>): Promise<Crew>
  /** The same worker in other configurations, by name. */
  readonly variants?: Readonly<Record<string, System['work']>>
  /** How many jobs are stored and not finished, by the system's own account. Absent where it cannot tell. */
  unfinished?(): Promise<number>
  /** Drops the records of finished jobs, so that a long measurement does not grow. Absent where none are kept. */
  forgetFinished?(): Promise<void>
  close(): Promise<void>
}

/** A worker at work. */
export interface Crew {
  /** Resolves when all that has been handled is acknowledged too, and the worker waits for more. */
  settled(): Promise<void>
  stop(): Promise<void>
}

export interface Surroundings {
  /** An empty folder of its own, on disk. */
  readonly directory: string
  /** The name of what will be measured: a user would choose some settings for it. */
  readonly scenario: string
}

export type CreateSystem = (surroundings: Surroundings) => System | Promise<System>

/** @throws Error when `systems/` has no such file. */
export async function createSystem(name: string, surroundings: Surroundings): Promise<System> {
  const { create } = (await import(`./systems/${name}.ts`)) as { readonly create: CreateSystem }
  return create(surroundings)
}
