import {
  token,
  type Begun,
  type HandOff,
  type Lease,
  type Ms,
  type Settled,
  type Settlement,
} from '@jobport/core/adapter'
import { packId } from '../codec/id.ts'
import { readState } from '../codec/state.ts'
import { TextReader } from '../codec/text.ts'
import { packClaim, packToken } from '../codec/token.ts'
import { unwrap, wrap } from '../codec/value.ts'
import { ADMISSION, span } from '../limits.ts'
import { Followers } from '../verbs/followers.ts'
import { isAlike, OUTCOMES, spanOf, valueOf } from '../verbs/settle.ts'
import { areDistinct, byQueue, inSlices, isId } from '../verbs/storing.ts'
import { handOffArgs } from './sending.ts'
import type { StoreSession } from './store-session.ts'

/** Words of a state, before what lua/store/begin.lua answers besides. */
const WORDS = 11

export async function begin(live: StoreSession, leases: readonly Lease[], lease: Ms): Promise<readonly Begun[]> {
  const answers: Begun[] = Array.from({ length: leases.length }, () => 'stale')
  await Promise.all(
    [...byQueue(leases)].map(async ([queue, indexes]) => {
      const usable = indexes.filter((index) => isId(leases[index]!.id))
      const reader = new TextReader()
      for (const [, slice] of inSlices(usable)) {
        const args: (string | number)[] = [span(lease)]
        for (const index of slice) args.push(packId(leases[index]!.id), packToken(leases[index]!.token))
        const reply = await live.connection.run(live.scripts.begin, live.keys.of(queue).all, args)
        slice.forEach(
          (index, at) => (answers[index] = begunOf(leases[index]!, (reply as readonly string[])[at]!, reader)),
        )
      }
    }),
  )
  return answers
}

function begunOf(lease: Lease, text: string, reader: TextReader): Begun {
  if (text === '') return 'stale'
  if (text === 'p') return 'paused'
  const words = text.split(' ')
  const { attempt, failures, crashes, redrives, flags } = readState(text)
  const enqueuedAt = reader.timeOf(words[WORDS]!)
  const origin = unwrap(words.slice(WORDS + 1).join(' '))
  const started = {
    lease: { ...lease, token: token(attempt, lease.token) },
    attempt,
    failures,
    crashes,
    redrives,
    enqueuedAt,
    origin,
  }
  return flags.includes('q') ? { ...started, cancelRequested: true } : started
}

export async function apply(
  live: StoreSession,
  settlements: readonly Settlement[],
  handOff: HandOff,
): Promise<readonly Settled[]> {
  const answers: Settled[] = Array.from({ length: settlements.length }, () => 'lost')
  const refusals = settlements.map((settlement) => ADMISSION.refuseSettlement(settlement))
  await Promise.all(
    [...byQueue(settlements.map(({ lease }) => lease))].map(async ([queue, indexes]) => {
      const usable = indexes.filter((index) => isId(settlements[index]!.lease.id))
      if (usable.length === 0) return
      const followers = new Followers(live, queue, handOff)
      const groups = grouped(usable, settlements, refusals)
      const args: (string | number)[] = [...handOffArgs(handOff), live.connection.clustered, groups.length]
      for (const group of groups) {
        const some = group.map((index) => settlements[index]!)
        const admitted = refusals[group[0]!] === undefined
        pushGroup(args, some, admitted)
        followers.push(args, admitted ? some[0]!.then : [])
      }
      await followers.registered()
      const reply = (await live.connection.run(live.scripts.apply, followers.keys, args)) as string
      await followers.relayed()
      usable.forEach((index, at) => {
        answers[index] = reply[at] === '2' ? refusals[index]! : reply[at] === '1' ? 'applied' : 'lost'
      })
    }),
  )
  for (const [index, settlement] of settlements.entries()) {
    if (answers[index] !== 'applied') continue
    for (const { id, queue } of [settlement.lease, ...(settlement.then ?? [])]) live.whereabouts.note(id, queue)
  }
  return answers
}

/** What is alike and one after the other is one group, in which no job comes twice. */
function grouped(
  indexes: readonly number[],
  settlements: readonly Settlement[],
  refusals: readonly unknown[],
): readonly (readonly number[])[] {
  const groups: number[][] = []
  for (const index of indexes) {
    const last = groups.at(-1)
    const joins = last !== undefined && refusals[index] === refusals[last[0]!]
    if (joins && isAlike(settlements[last[0]!]!, settlements[index]!)) last.push(index)
    else groups.push([index])
  }
  return groups.flatMap((group) =>
    areDistinct(group.map((index) => settlements[index]!.lease.id)) ? [group] : group.map((index) => [index]),
  )
}

/** What can never be stored is only asked for: whether its claim is over matters more. */
function pushGroup(args: (string | number)[], group: readonly Settlement[], admitted: boolean): void {
  const first = group[0]!
  const valued = admitted && valueOf(first) !== undefined
  const counts = first.to === 'waiting' && first.counts === 'failure'
  args.push(
    admitted ? OUTCOMES[first.to] : '?',
    admitted ? span(spanOf(first)) : 0,
    counts ? '1' : '0',
    valued ? '1' : '0',
  )
  args.push(group.map(({ lease }) => packId(lease.id)).join('\n'))
  args.push(group.map(({ lease }) => packClaim(lease.token)).join('\n'))
  if (valued) for (const settlement of group) args.push(wrap(valueOf(settlement)!))
}
