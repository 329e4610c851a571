import { readdirSync } from 'node:fs'
import type { Floor } from './floor.ts'
import type { Scenario } from './scenario.ts'
import type { ConnectServer } from './server.ts'

/** What `pnpm bench <name>` measures: a file of `suites/`, named after the suite, that exports `suite`. */
export interface Suite {
  readonly title: string
  readonly contests: readonly Contest[]
  readonly scenarios: readonly Scenario[]
  /** Scenarios that mean nothing for a system, by the name of the system. */
  readonly skips?: Readonly<Record<string, readonly string[]>>
  /** Scenarios of which the documentation shows where the time goes, for our systems. */
  readonly explained: readonly string[]
  /** What ours must reach. */
  readonly floors?: readonly Floor[]
  /** Starts what the systems need. Its variables are set in the processes that measure. */
  readonly services?: () => Promise<Services>
  /** Connects to what `services` has started. */
  readonly server?: ConnectServer
}

/** Systems that are compared with each other, by the names of their files. */
export interface Contest {
  readonly ours: readonly string[]
  readonly peers: readonly string[]
}

export interface Services {
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
}

const folder = new URL('./suites/', import.meta.url)

export function suiteNames(): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -3))
    .toSorted()
}

export async function loadSuite(name: string): Promise<Suite> {
  const { suite } = (await import(new URL(`${name}.ts`, folder).href)) as { readonly suite: Suite }
  return suite
}

/** All systems of a suite, in the order in which they are shown. */
export function systemsOf(suite: Suite): readonly string[] {
  return [...new Set(suite.contests.flatMap(({ ours, peers }) => [...ours, ...peers]))]
}
