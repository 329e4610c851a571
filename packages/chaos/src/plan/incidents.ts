import { Chance } from '../chance.ts'
import { mutants } from '../mutants/mutants.ts'
import type { Setting } from './setting.ts'

/** What is done to processes, to the server, and to the network between them. */
export type Incident =
  | 'kill worker'
  | 'stop worker'
  | 'terminate worker'
  | 'kill producer'
  | 'stop producer'
  | 'kill notifier'
  | 'restart server'
  | 'kill everyone'
  | 'lose replies'
  | 'black hole'

/** Of 20. */
const DECK: Readonly<Partial<Record<Incident, number>>> = {
  'kill worker': 7,
  'stop worker': 4,
  'terminate worker': 2,
  'kill producer': 2,
  'stop producer': 1,
  'kill notifier': 1,
}
const WITH_SERVER: Readonly<Partial<Record<Incident, number>>> = {
  'restart server': 1,
  'lose replies': 1,
  'black hole': 1,
}
/** A file has no server that could go, and no network to it. */
const WITH_FILE: Readonly<Partial<Record<Incident, number>>> = { 'kill everyone': 1, 'kill worker': 2 }

/** As many incidents as were asked for, in an order that the seed decides; for a mutant those that bring it to light. Of ten, each of the main kinds is one. */
export function incidents({ backend, seed, kills, mutant }: Setting): readonly Incident[] {
  if (mutant !== undefined) return Array.from({ length: kills }, () => mutants[mutant].by)
  const chance = new Chance(seed)
  const shares = new Map<Incident, number>(Object.entries(DECK) as [Incident, number][])
  for (const [incident, share] of Object.entries(backend === 'sqlite' ? WITH_FILE : WITH_SERVER))
    shares.set(incident as Incident, (shares.get(incident as Incident) ?? 0) + share)
  const deck = [...shares].flatMap(([incident, share]) => Array.from({ length: share }, () => incident))
  const main: readonly Incident[] = [
    ...(['kill worker', 'kill worker', 'stop worker', 'stop worker', 'terminate worker', 'kill producer'] as const),
    ...(backend === 'sqlite'
      ? (['kill everyone', 'kill worker'] as const)
      : (['restart server', 'lose replies'] as const)),
    ...(['stop worker', 'kill notifier'] as const),
  ]
  const all = [...main]
  while (all.length < kills) all.push(...chance.shuffle(deck))
  return chance.shuffle(all.slice(0, kills))
}
