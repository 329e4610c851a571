import {
  BackendError,
  type FinalState,
  type Finished,
  type Inspector,
  type JobId,
  type JobRecord,
  type JobState,
  type ListQuery,
  type Page,
  type QueueCounts,
} from '@jobport/core/adapter'
import { packId, unpackId } from '../codec/id.ts'
import { readState } from '../codec/state.ts'
import { TextReader } from '../codec/text.ts'
import { unwrap } from '../codec/value.ts'
import { NAME } from '../limits.ts'
import type { Session } from '../session.ts'
import { inSlices } from './storing.ts'

export const LETTERS: Readonly<Record<JobState, string>> = {
  waiting: 'w',
  scheduled: 's',
  active: 'a',
  completed: 'c',
  dead: 'd',
  cancelled: 'x',
}

const STATES = new Map(Object.entries(LETTERS).map(([state, letter]) => [letter, state as JobState]))

/** The final state that a letter stands for. */
export function finalState(letter: string): FinalState {
  return STATES.get(letter) as FinalState
}

type Found = readonly [
  place: number,
  id: string,
  state: string,
  text: string,
  words: string,
  due: string,
  result: string | null,
  progress: string | null,
  errors: readonly string[],
  logs: readonly string[],
]

/** `opened` rejects when it is not open. */
export function inspectorOf(opened: () => Promise<Session>): Inspector {
  return {
    find: async (ids) => find(await opened(), ids),
    list: async (query) => list(await opened(), query),
    counts: async (queue) => counts(await opened(), queue),
    queues: async () => queues(await opened()),
    watch: async (listener: (finished: readonly Finished[]) => void) => (await opened()).watch(listener),
  }
}

/** The queue is not part of the question, so all are asked. */
async function find(live: Session, ids: readonly JobId[]): Promise<readonly (JobRecord | undefined)[]> {
  const records: (JobRecord | undefined)[] = Array.from({ length: ids.length })
  if (ids.length === 0) return records
  const queues = await live.registry.names()
  const kept = ids.map(packId)
  await Promise.all(
    queues.map(async (queue) => {
      for (const [place, record] of await findIn(live, queue, kept)) records[place] ??= record
    }),
  )
  return records
}

async function findIn(
  live: Session,
  queue: string,
  kept: readonly string[],
): Promise<readonly (readonly [number, JobRecord])[]> {
  const reader = new TextReader()
  const records: (readonly [number, JobRecord])[] = []
  for (const [start, slice] of inSlices(kept)) {
    const found = (await live.connection.run(live.scripts.find, live.keys.of(queue).all, slice)) as readonly Found[]
    records.push(...found.map((each) => [start + each[0] - 1, recordOf(queue, each, reader)] as const))
  }
  return records
}

function recordOf(queue: string, found: Found, reader: TextReader): JobRecord {
  const [, id, letter, text, words, due, result, progress, errors, logs] = found
  const state = STATES.get(letter)!
  const { priority = 0, ...described } = reader.read(text)
  const { attempt, failures, crashes, redrives, claimedAt, finishedAt, flags } = readState(
    words === '' ? 'w 0 - 0 0 0 0 - 0 0 -' : words,
  )
  return {
    id: unpackId(id),
    queue,
    state,
    ...described,
    priority,
    attempt,
    failures,
    crashes,
    redrives,
    errors: errors.map(unwrap),
    logs: logs.map(unwrap),
    cancelRequested: flags.includes('q'),
    ...(state === 'scheduled' && { dueAt: Number(due) }),
    ...(claimedAt > 0 && { claimedAt }),
    ...(finishedAt > 0 && { finishedAt }),
    ...(result !== null && { result: unwrap(result) }),
    ...(progress !== null && { progress: unwrap(progress) }),
  }
}

async function list(live: Session, { queue, state, name, limit, after }: ListQuery): Promise<Page> {
  if (after !== undefined && !/^\d+:\d+:[\d.e+]*$/.test(after)) {
    throw new BackendError(
      'invalid',
      NAME,
      `${JSON.stringify(after)} is no cursor; give the \`next\` of the page before`,
    )
  }
  const kept: string[] = []
  let cursor = after ?? ''
  // One look goes so far only, so a page of jobs that are rare takes several.
  for (;;) {
    const args = [LETTERS[state], name ?? '', limit - kept.length, cursor]
    const reply = await live.connection.run(live.scripts.list, live.keys.of(queue).all, args)
    const [listed, next] = reply as readonly [readonly string[], string]
    kept.push(...listed)
    cursor = next
    if (cursor === '' || kept.length >= limit) break
  }
  const found = kept.length === 0 ? [] : await findIn(live, queue, kept)
  const jobs = found.map(([, record]) => record).filter((record) => record.state === state)
  return cursor === '' ? { jobs } : { jobs, next: cursor }
}

async function counts(live: Session, queue: string): Promise<QueueCounts> {
  for (;;) {
    const reply = await live.connection.run(live.scripts.counts, live.keys.of(queue).all, [])
    const [more, waiting, scheduled, active, completed, dead, cancelled, order, now, paused] = reply as readonly [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      string,
      number,
      number,
    ]
    if (more === 1) continue
    return {
      waiting,
      scheduled,
      active,
      completed,
      dead,
      cancelled,
      oldest: order === '' ? 0 : Math.max(0, now - new TextReader().timeOf(order)),
      paused: paused === 1,
    }
  }
}

async function queues(live: Session): Promise<readonly string[]> {
  const names = await live.registry.names()
  const held = await Promise.all(
    names.map(async (name) => {
      const { waiting, scheduled, active, completed, dead, cancelled } = await counts(live, name)
      return waiting + scheduled + active + completed + dead + cancelled > 0
    }),
  )
  return names.filter((_, index) => held[index]).toSorted()
}
