import type { Backend, JobId } from '@jobport/core/adapter'
import type { Harness } from '../harness.ts'
import { wrap } from '../stage/wrap.ts'

/** A backend that is broken in one way, to show that a test can see it. */
export interface Mutant {
  readonly name: string
  /** What it does wrong, as an end to "it …". */
  readonly does: string
  /** Cases that fail on it, each of them. */
  readonly caughtBy: readonly string[]
  mutate(backend: Backend, past: Past): Partial<Backend>
}

/** What a mutant remembers; shared by the instances of a namespace, like the server's data would be. */
export interface Past {
  /** The token of the newest claim of each job. */
  readonly newest: Map<JobId, string>
  /** Whatever else. */
  readonly notes: Map<string, string>
}

/** The harness of a backend that carries the mutation. */
export function mutated(harness: Harness, mutant: Mutant): Harness {
  const pasts = new Map<string, Past>()
  return {
    ...harness,
    name: `${harness.name}, ${mutant.name}`,
    matrix: false,
    async open(namespace) {
      const past = pasts.get(namespace) ?? { newest: new Map(), notes: new Map() }
      pasts.set(namespace, past)
      const backend = await harness.open(namespace)
      return wrap(backend, { exchange: undefined as never, ...mutant.mutate(backend, past) })
    },
    async cleanup(namespace) {
      pasts.delete(namespace)
      await harness.cleanup(namespace)
    },
  }
}
