import type { Enqueued, HandOff, Ms, NewJob, Sent, Unsent } from '@jobport/core/adapter'
import { packId, unpackId } from '../codec/id.ts'
import { TextReader } from '../codec/text.ts'
import { packToken, unpackToken } from '../codec/token.ts'
import { unwrap, wrap } from '../codec/value.ts'
import { LIMITS, span } from '../limits.ts'
import { storeInQueues, type Exceptions } from '../verbs/enqueue.ts'
import { relay } from '../verbs/followers.ts'
import { byQueue, inSlices, isId } from '../verbs/storing.ts'
import type { StoreSession } from './store-session.ts'

/** Id, text, name of the sending, and the job's note: nine digits of its time, flags, and its origin after a space. */
type Reply = readonly (readonly [id: string, text: string, name: string, note: string])[]

/** A hand-off as scripts take it. Without one nobody is about to send the jobs. */
export function handOffArgs(handOff?: HandOff): readonly [delay: number | '', grace: number, origin: string] {
  return handOff === undefined ? ['', 0, ''] : [span(handOff.delay), span(handOff.grace), wrap(handOff.origin)]
}

export async function insert(
  live: StoreSession,
  jobs: readonly NewJob[],
  handOff?: HandOff,
): Promise<readonly Enqueued[]> {
  const answers = await storeInQueues(live, jobs, ({ all }, batch) => {
    const args: (string | number)[] = [...handOffArgs(handOff)]
    live.pushBatch(args, batch)
    return live.connection.run(live.scripts.insert, all, args) as Promise<Exceptions>
  })
  for (const [index, { status }] of answers.entries()) {
    if (status === 'enqueued') live.whereabouts.note(jobs[index]!.id, jobs[index]!.queue)
  }
  return answers
}

/** Asks queue by queue, each time beginning with another, so that none has to wait until there is nothing left in those before it. */
export async function due(live: StoreSession, limit: number, lease: Ms): Promise<readonly Unsent[]> {
  const unsent: Unsent[] = []
  for (const queue of live.inTurn(await live.registry.names())) {
    if (unsent.length >= limit) break
    if (live.connection.isCluster) await relay(live, queue)
    const args = [Math.min(limit - unsent.length, LIMITS.claimBatch), span(lease)]
    const reply = (await live.connection.run(live.scripts.due, live.keys.of(queue).all, args)) as Reply
    const reader = new TextReader()
    for (const each of reply) {
      live.whereabouts.note(unpackId(each[0]), queue)
      unsent.push(unsentOf(queue, each, reader))
    }
  }
  return unsent
}

export async function sent(live: StoreSession, jobs: readonly Sent[]): Promise<void> {
  const usable = jobs.filter(({ id }) => isId(id))
  const known = usable.map((each) => ({ ...each, queue: live.whereabouts.take(each.id) ?? '' }))
  const queues = byQueue(known)
  const strangers = queues.get('') ?? []
  queues.delete('')
  // Their queue is not known, so all are asked.
  if (strangers.length > 0) {
    for (const name of await live.registry.names()) queues.set(name, [...(queues.get(name) ?? []), ...strangers])
  }
  await Promise.all(
    [...queues].map(async ([queue, places]) => {
      for (const [, slice] of inSlices(places)) {
        const args = slice.flatMap((place) => [packId(known[place]!.id), nameOf(known[place]!.sending)])
        await live.connection.run(live.scripts.sent, live.keys.of(queue).all, args)
      }
    }),
  )
}

function nameOf(sending: string): string {
  return sending === '' ? '' : packToken(sending)
}

/** What the broker has to be given, at once. */
function unsentOf(queue: string, [id, text, name, note]: Reply[number], reader: TextReader): Unsent {
  const { enqueuedAt: _, unique: __, priority = 0, ...described } = reader.read(text)
  const job = { id: unpackId(id), queue, ...described }
  return {
    job: priority === 0 ? job : { ...job, priority },
    sending: unpackToken(name),
    origin: unwrap(note.slice(note.indexOf(' ') + 1)),
  }
}
