import type { Features } from '@jobport/core/adapter'
import type { Stage } from '../stage/stage.ts'

/** What a case takes for granted: a feature of the backend, or a circumstance that the harness provides. */
export type Need = keyof Features | Circumstance
export type Circumstance =
  | 'two instances'
  | 'durable'
  | 'virtual time'
  | 'spy'
  | 'footprint'
  | 'exchange'
  | 'transaction'
  | 'long leases'

/** One promise of the contract, and how it is tried. */
export interface Case {
  /** Stable: `A3.7`. Harnesses skip by it. */
  readonly id: string
  /** A sentence of what a right backend does. */
  readonly title: string
  readonly needs: readonly Need[]
  run(stage: Stage): Promise<void>
}

/** Cases about one subject. */
export interface Chapter {
  readonly id: string
  readonly title: string
  readonly cases: readonly Case[]
}

/** A case that sees of the backend what its needs vouch for. */
export function rule(id: string, title: string, run: (stage: Stage) => Promise<void>): Case
export function rule<const N extends readonly Need[]>(
  id: string,
  title: string,
  needs: N,
  run: (stage: Stage<N[number]>) => Promise<void>,
): Case
export function rule(id: string, title: string, ...rest: readonly [unknown, unknown?]): Case {
  const [needs, run] = (rest.length === 1 ? [[], rest[0]] : rest) as [readonly Need[], Case['run']]
  return { id, title, needs, run }
}

/** @throws Error when two cases share an id, or one belongs to another chapter. */
export function chapter(id: string, title: string, cases: readonly Case[]): Chapter {
  const known = new Set<string>()
  for (const each of cases) {
    if (known.has(each.id) || !each.id.startsWith(`${id}.`))
      throw new Error(`case id ${each.id} is taken or does not belong to chapter ${id}`)
    known.add(each.id)
  }
  return { id, title, cases: cases.toSorted((a, b) => numberOf(a) - numberOf(b)) }
}

function numberOf({ id }: Case): number {
  return Number(id.split('.')[1])
}
