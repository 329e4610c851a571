import type { Cancellation, CancelRequest, JobId, Operator, PurgeRequest } from '@jobport/core/adapter'
import { packId } from '../codec/id.ts'
import { ADMISSION, span } from '../limits.ts'
import type { Script } from '../scripts/script.ts'
import type { Session } from '../session.ts'
import { LETTERS } from './inspect.ts'
import { Followers } from './followers.ts'
import { inSlices, isId } from './storing.ts'

const CANCELLATIONS: Readonly<Record<string, Cancellation>> = {
  x: 'cancelled',
  q: 'requested',
  f: 'finished',
  g: 'not-found',
}

/** Jobs removed in one call of a script. */
const STEP = 100

/** `opened` rejects when it is not open. */
export function operatorOf(opened: () => Promise<Session>): Operator {
  return {
    cancel: async (requests) => cancel(await opened(), requests),
    retry: async (ids) => retry(await opened(), ids),
    remove: async (ids) => remove(await opened(), ids),
    pause: async (queue) => pause(await opened(), queue, true),
    resume: async (queue) => pause(await opened(), queue, false),
    purge: async (request) => purge(await opened(), request),
  }
}

/** @throws BackendError `invalid` or `too-large` when a follow-up can never be accepted; nothing is cancelled then. */
async function cancel(live: Session, requests: readonly CancelRequest[]): Promise<readonly Cancellation[]> {
  for (const { id, then } of requests) {
    const refused = ADMISSION.refuseFollowers(then, id)
    if (refused !== undefined) throw refused
  }
  const answers: Cancellation[] = []
  for (const [, slice] of inSlices(requests)) answers.push(...(await cancelSome(live, slice)))
  return answers
}

async function cancelSome(live: Session, requests: readonly CancelRequest[]): Promise<readonly Cancellation[]> {
  const answers: Cancellation[] = Array.from({ length: requests.length }, () => 'not-found')
  const located = await locate(
    live,
    requests.map(({ id }) => id),
  )
  for (const [queue, places] of located) {
    const followers = new Followers(live, queue)
    const args: (string | number)[] = [live.connection.clustered, places.length]
    for (const place of places) {
      const { id, keep, then } = requests[place]!
      args.push(packId(id), span(keep))
      followers.push(args, then)
    }
    await followers.registered()
    const reply = (await live.connection.run(live.scripts.cancel, followers.keys, args)) as string
    await followers.relayed()
    places.forEach((place, at) => (answers[place] = CANCELLATIONS[reply[at]!]!))
  }
  return answers
}

function retry(live: Session, ids: readonly JobId[]): Promise<readonly boolean[]> {
  return decide(live, live.scripts.retry, ids, [])
}

function remove(live: Session, ids: readonly JobId[]): Promise<readonly boolean[]> {
  return decide(live, live.scripts.remove, ids, [''])
}

async function purge(live: Session, { queue, state, limit }: PurgeRequest): Promise<number> {
  const keys = live.keys.of(queue).all
  let removed = 0
  let cursor = ''
  while (removed < limit) {
    const args = [LETTERS[state], '', Math.min(STEP, limit - removed), cursor]
    const [ids, next] = (await live.connection.run(live.scripts.list, keys, args)) as readonly [
      readonly string[],
      string,
    ]
    const reply =
      ids.length === 0
        ? ''
        : ((await live.connection.run(live.scripts.remove, keys, [
            live.connection.clustered,
            LETTERS[state],
            ...ids,
          ])) as string)
    const done = reply.replaceAll('0', '').length
    removed += done
    // What was removed has made room: look again from the start, unless there was nothing to remove.
    if (next === '' && done === 0) break
    cursor = done === 0 ? next : ''
  }
  return removed
}

async function pause(live: Session, queue: string, paused: boolean): Promise<void> {
  const keys = live.keys.of(queue)
  await live.registry.note(keys)
  await live.connection.run(live.scripts.pause, keys.all, [live.connection.clustered, paused ? '1' : '0'])
}

async function decide(
  live: Session,
  script: Script,
  ids: readonly JobId[],
  more: readonly string[],
): Promise<readonly boolean[]> {
  const answers: boolean[] = Array.from({ length: ids.length }, () => false)
  for (const [start, slice] of inSlices(ids)) {
    for (const [queue, places] of await locate(live, slice)) {
      const args = [live.connection.clustered, ...more, ...places.map((place) => packId(slice[place]!))]
      const reply = (await live.connection.run(script, live.keys.of(queue).all, args)) as string
      places.forEach((place, at) => (answers[start + place] = reply[at] === '1'))
    }
  }
  return answers
}

/** The places of ids by the queue that knows them. */
async function locate(live: Session, ids: readonly JobId[]): Promise<Map<string, number[]>> {
  const located = new Map<string, number[]>()
  const usable = ids.flatMap((id, place) => (isId(id) ? [place] : []))
  if (usable.length === 0) return located
  const args = usable.map((place) => packId(ids[place]!))
  const names = await live.registry.names()
  const replies = await Promise.all(
    names.map((name) => live.connection.run(live.scripts.locate, live.keys.of(name).all, args) as Promise<string>),
  )
  usable.forEach((place, at) => {
    const queue = names.find((_, index) => replies[index]![at] === '1')
    if (queue !== undefined) located.set(queue, [...(located.get(queue) ?? []), place])
  })
  return located
}
