import type { Admission, Ms, NewJob, Settled, Settlement } from '@jobport/core/adapter'
import { isBackendFailure, type BackendError } from '@jobport/core/adapter'
import type { Held } from '../held.ts'
import { seconds } from '../limits.ts'
import type { Live } from '../live.ts'
import { deadParcel, releasedParcel, type Parcel } from '../message/moved.ts'
import { enqueue } from './enqueue.ts'
import { send, type Sent } from './send.ts'
import { changeVisibility, remove, type Changed } from './visibility.ts'

interface Case {
  readonly index: number
  readonly settlement: Settlement
  readonly held: Held
  /** Its job has another message by now. */
  readonly isMoved?: true
}

/**
 * In three steps, each for the whole batch: followers are sent, then what becomes a new message, then the messages are removed or shown again. What fails in one step stays
 * where it is for the next try. A lease that has run out by our clock is left alone: its handle may remove somebody else's claim.
 */
export async function settle(
  live: Live,
  admission: Admission,
  settlements: readonly Settlement[],
): Promise<readonly Settled[]> {
  const answers: Settled[] = settlements.map(() => 'lost')
  const cases: Case[] = []
  settlements.forEach((settlement, index) => {
    const held = live.held.find(settlement.lease)
    if (held === undefined) return
    const refused = admission.refuseSettlement(settlement)
    if (refused === undefined) cases.push({ index, settlement, held })
    else answers[index] = refused
  })
  const followed = await followUp(live, admission, cases, answers)
  const moved = await moveOn(live, followed, answers)
  await conclude(live, moved, answers)
  return answers
}

async function followUp(
  live: Live,
  admission: Admission,
  cases: readonly Case[],
  answers: Settled[],
): Promise<readonly Case[]> {
  const jobs: NewJob[] = []
  const owners: number[] = []
  for (const { index, settlement } of cases) {
    for (const job of settlement.then ?? []) {
      jobs.push(job)
      owners.push(index)
    }
  }
  if (jobs.length === 0) return cases
  const failed = new Set<number>()
  const fail = (at: number, error: Settled): void => {
    failed.add(owners[at]!)
    answers[owners[at]!] = error
  }
  try {
    const sent = await enqueue(live, admission, jobs)
    sent.forEach((answer, at) => answer.status === 'refused' && fail(at, answer.error))
  } catch (error) {
    if (!isBackendFailure(error)) throw error
    for (const at of jobs.keys()) fail(at, error)
  }
  return cases.filter(({ index }) => !failed.has(index))
}

/** Sends on what becomes a new message: to the dead-letter queue, or back to its own. */
async function moveOn(live: Live, cases: readonly Case[], answers: Settled[]): Promise<readonly Case[]> {
  const dead = cases.filter(({ settlement }) => settlement.to === 'dead')
  const spared = cases.filter(({ settlement }) => settlement.to === 'waiting' && settlement.counts === 'nothing')
  if (dead.length === 0 && spared.length === 0) return cases
  const failed = new Set<number>()
  const sent = new Set<number>()
  const note = (index: number, answer: Sent): void => {
    if (answer === 'sent') sent.add(index)
    else {
      failed.add(index)
      answers[index] = answer
    }
  }
  const move = async (queue: string, urlOf: () => Promise<string>, parcels: readonly Parcel[]): Promise<void> => {
    try {
      await live.at(queue, async () => send(live, await urlOf(), parcels, note))
    } catch (error) {
      if (!isBackendFailure(error)) throw error
      for (const { index } of parcels) note(index, error as BackendError)
    }
  }
  const { settings, limits } = live
  await Promise.all([
    eachQueue(dead, (queue, some) =>
      move(
        queue,
        async () => (await live.queues.verify(queue)).dead,
        some.map(({ held, settlement, index }) =>
          deadParcel(settings, held, settlement.to === 'dead' ? settlement.error : '', index),
        ),
      ),
    ),
    eachQueue(spared, (queue, some) => {
      const parcels = some.flatMap(
        ({ held, settlement, index }) =>
          releasedParcel(settings, held, settlement.to === 'waiting' ? settlement.delay : 0, limits.delay, index) ?? [],
      )
      return move(queue, async () => some[0]!.held.url, parcels)
    }),
  ])
  // What was sent on is removed where it was.
  return cases
    .filter(({ index }) => !failed.has(index))
    .map((each) => (sent.has(each.index) ? { ...each, isMoved: true as const } : each))
}

async function conclude(live: Live, cases: readonly Case[], answers: Settled[]): Promise<void> {
  await eachQueue(cases, async (_, all) => {
    // The steps before may have taken until after the lease.
    const some = all.filter(({ settlement }) => live.held.find(settlement.lease) !== undefined)
    const { url } = all[0]!.held
    const returned = some.filter((each) => stays(each))
    const finished = some.filter((each) => !stays(each))
    const note = (noted: readonly Case[], changes: readonly Changed[]): void =>
      noted.forEach(({ index, settlement, held }, at) => {
        const change = changes[at]!
        answers[index] = change === 'done' ? 'applied' : change === 'stale' ? 'lost' : change
        if (change === 'done' || change === 'stale') live.held.delete(settlement.lease.token)
        if (change === 'done' && held.blob !== undefined && isOver(settlement)) discard(live, held.blob)
      })
    await Promise.all([
      finished.length > 0 &&
        remove(
          live,
          url,
          finished.map(({ held }) => held.handle),
        ).then((changes) => note(finished, changes)),
      returned.length > 0 &&
        changeVisibility(
          live,
          url,
          returned.map(({ held, settlement }) => ({ handle: held.handle, seconds: delayOf(live, held, settlement) })),
          false,
        ).then((changes) => note(returned, changes)),
    ])
  })
}

/** Its message is shown again. */
function stays({ settlement, isMoved }: Case): boolean {
  return settlement.to === 'waiting' && isMoved !== true
}

/** The message of a dead job still points to its blob. */
function isOver({ to }: Settlement): boolean {
  return to === 'completed' || to === 'cancelled'
}

/** What is left behind costs space, not correctness. */
function discard(live: Live, blob: string): void {
  const removed = live.settings.blobs?.delete(blob)
  removed?.catch((error: unknown) =>
    live.settings.warn(`sqs: the blob ${blob} of a finished job is left over: ${String(error)}`),
  )
  if (removed !== undefined) void live.track(removed.catch(() => {}))
}

/** SQS shows a message again twelve hours after it was received at the latest: a longer delay ends then. */
function delayOf(live: Live, held: Held, settlement: Settlement): number {
  const delay: Ms = settlement.to === 'waiting' ? settlement.delay : 0
  return Math.max(0, Math.min(seconds(delay), Math.floor(live.held.left(held) / 1000)))
}

async function eachQueue(
  cases: readonly Case[],
  work: (queue: string, some: readonly Case[]) => Promise<void>,
): Promise<void> {
  const queues = Map.groupBy(cases, ({ held }) => held.queue)
  await Promise.all(Array.from(queues, ([queue, some]) => work(queue, some)))
}
