import { claimId, type ClaimRequest, type Exchanged, type Settled, type Settlement } from '@jobport/core/adapter'
import { PackedLease } from '../codec/lease.ts'
import { wrap } from '../codec/value.ts'
import { ADMISSION, span } from '../limits.ts'
import type { Live } from '../live.ts'
import { readClaimed } from './claim.ts'
import { Followers } from './followers.ts'
import { partsOf } from './lease.ts'
import { areDistinct, byQueue, canBeListed } from './storing.ts'

export const OUTCOMES = { completed: 'c', dead: 'd', cancelled: 'x', waiting: 'w' } as const

/** Settlements of one queue, as a script takes them. */
interface Parcel {
  readonly followers: Followers
  readonly args: readonly (string | number)[]
  /** The index of each settlement among all that were asked for. */
  readonly places: readonly number[]
}

export async function settle(live: Live, settlements: readonly Settlement[]): Promise<readonly Settled[]> {
  const answers: Settled[] = Array.from({ length: settlements.length }, () => 'applied')
  await Promise.all(
    [...byQueue(settlements.map(({ lease }) => lease))].map(async ([queue, places]) => {
      const parcel = await pack(live, queue, settlements, places, answers)
      if (parcel === undefined) return
      const args = [live.connection.clustered, ...parcel.args]
      note(answers, parcel, await live.connection.run(live.scripts.settle, parcel.followers.keys, args))
      await parcel.followers.relayed()
    }),
  )
  return answers
}

/** Settles and claims in one round trip, where all that is settled is of the queue to claim from; else the rest is settled first. */
export async function exchange(
  live: Live,
  settlements: readonly Settlement[],
  { queue, limit, lease }: Omit<ClaimRequest, 'wait'>,
): Promise<Exchanged> {
  const answers: Settled[] = Array.from({ length: settlements.length }, () => 'applied')
  const own = byQueue(settlements.map(({ lease }) => lease)).get(queue) ?? []
  if (own.length < settlements.length) {
    const others = settlements.filter((settlement) => settlement.lease.queue !== queue)
    const settled = await settle(live, others)
    let next = 0
    settlements.forEach((settlement, index) => {
      if (settlement.lease.queue !== queue) answers[index] = settled[next++]!
    })
  }
  const parcel = await pack(live, queue, settlements, own, answers)
  const name = claimId()
  const keys = parcel?.followers.keys ?? live.keys.of(queue).all
  const args = [live.connection.clustered, limit, span(lease), name, ...(parcel?.args ?? [0])]
  const [lost, claimed] = (await live.connection.run(live.scripts.exchange, keys, args)) as [
    unknown,
    Parameters<typeof readClaimed>[2],
  ]
  if (parcel !== undefined) {
    note(answers, parcel, lost)
    await parcel.followers.relayed()
  }
  return { settled: answers, claimed: readClaimed(queue, name, claimed).jobs }
}

function note(answers: Settled[], { places }: Parcel, lost: unknown): void {
  for (const place of lost as readonly number[]) answers[places[place - 1]!] = 'lost'
}

/** Puts settlements of one queue together: what one claim settles in one way and one after the other is one group. Notes in `answers` what cannot be sent. */
async function pack(
  live: Live,
  queue: string,
  settlements: readonly Settlement[],
  indexes: readonly number[],
  answers: Settled[],
): Promise<Parcel | undefined> {
  const places: number[] = []
  for (const index of indexes) {
    const settlement = settlements[index]!
    const refused = canBeListed(settlement.lease.id) ? ADMISSION.refuseSettlement(settlement) : 'lost'
    if (refused === undefined) places.push(index)
    else answers[index] = refused
  }
  if (places.length === 0) return undefined

  const followers = new Followers(live, queue)
  const args: (string | number)[] = [0]
  let groups = 0
  for (let start = 0; start < places.length;) {
    const first = settlements[places[start]!]!
    let end = start + 1
    while (end < places.length && isOneGroup(first, settlements[places[end]!]!)) end++
    let group = places.slice(start, end).map((index) => settlements[index]!)
    let ids = group.map(({ lease }) => PackedLease.idOf(lease))
    // The second settlement of one job is a repeat, and has to see the first.
    if (!areDistinct(ids)) [group, ids] = [[first], [ids[0]!]]
    pushGroup(args, group, ids)
    followers.push(args, first.then)
    groups++
    start += group.length
  }
  args[0] = groups
  await followers.registered()
  return { followers, args, places }
}

/** Whether two settlements can be sent as one group. */
function isOneGroup(one: Settlement, other: Settlement): boolean {
  return one.lease.token === other.lease.token && isAlike(one, other)
}

/** Whether two settlements say the same of their jobs, and nothing follows from them. */
export function isAlike(one: Settlement, other: Settlement): boolean {
  return (
    one.to === other.to &&
    spanOf(one) === spanOf(other) &&
    (one.to !== 'waiting' || one.counts === (other as typeof one).counts) &&
    (valueOf(one) === undefined) === (valueOf(other) === undefined) &&
    !(one.then?.length ?? 0) &&
    !(other.then?.length ?? 0)
  )
}

/** `ids`: those of the jobs, as the server keeps them. */
function pushGroup(args: (string | number)[], group: readonly Settlement[], ids: readonly string[]): void {
  const first = group[0]!
  const { attempt, claim } = partsOf(first.lease.token)
  const valued = valueOf(first) !== undefined
  const counts = first.to === 'waiting' && first.counts === 'failure'
  const { length } = ids[0]!
  const even = ids.every((id) => id.length === length)
  args.push(attempt, claim, OUTCOMES[first.to], span(spanOf(first)), counts ? '1' : '0', valued ? '1' : '0')
  args.push(group.length, ids.join('\n'), even ? length : 0)
  if (valued) for (const settlement of group) args.push(wrap(valueOf(settlement)!))
}

export function spanOf(settlement: Settlement): number {
  return settlement.to === 'waiting' ? settlement.delay : settlement.keep
}

export function valueOf(settlement: Settlement): string | undefined {
  if (settlement.to === 'completed') return settlement.result
  return settlement.to === 'cancelled' ? undefined : settlement.error
}
