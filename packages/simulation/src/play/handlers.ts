import {
  handle,
  handleMany,
  RetryLater,
  Snooze,
  Unrecoverable,
  type BatchJob,
  type Handler,
  type HandlerContext,
} from '@jobport/core'
import type { Act, JobKind } from '../scenario/scenario.ts'
import { never, type Cast } from './cast.ts'
import { batch, chain, extra, extraKey, link, plain, timed } from './definitions.ts'

interface Keyed {
  readonly key: string
}
type Context = HandlerContext<Keyed>

const BATCH = 4
const QUICK: Act = { does: 'complete', after: 0 }

/** The handlers of one process, which do what the jobs' plans say. */
export function handlersOf(cast: Cast, lacks: JobKind | undefined): readonly Handler[] {
  const { process } = cast
  let calls = 0
  const one = ({ key }: Keyed, context: Context): unknown =>
    process.alive ? perform(cast, key, context, ++calls) : never
  const many = (jobs: readonly BatchJob<Keyed, Keyed>[]): unknown => {
    if (!process.alive) return never
    const call = ++calls
    return Promise.all(jobs.map((job) => attempt(() => perform(cast, job.input.key, job, call))))
  }
  const all = {
    plain: handle(plain, one as never),
    timed: handle(timed, one as never),
    batch: handleMany(batch, many as never, { size: BATCH }),
    chain: handle(chain, one as never),
    link: handle(link, one as never),
    extra: handle(extra, one as never),
  }
  return Object.entries(all).flatMap(([kind, handler]) => (kind === lacks ? [] : [handler]))
}

/** What it throws becomes a rejection. */
async function settled<Value>(work: () => Value): Promise<Value> {
  return work()
}

async function attempt(work: () => unknown): Promise<unknown> {
  try {
    return await work()
  } catch (error) {
    return error
  }
}

function perform(cast: Cast, key: string, context: Context, call: number): unknown {
  const { process, history } = cast
  const { id, attempt } = context.job
  const { name: by } = process
  const act = actOf(cast, key, attempt)
  history.add({ type: 'start', by, id, attempt, call, key, does: act.does })
  const end = (how: string): void => {
    if (process.alive) history.add({ type: 'end', by, id, attempt, call, how })
  }
  const conclude = (): Keyed => {
    if (act.does === 'poison') {
      cast.crash(`poison ${id}`)
      return never as never
    }
    const error = errorOf(act)
    end(error === undefined ? 'returned' : error.name)
    if (error !== undefined) throw error
    if (act.does === 'complete' && act.follows) context.followUp(extra, { key: extraKey(key) })
    return { key }
  }
  if (act.does === 'complete' && act.notes) {
    context.progress({ attempt })
    context.log(`attempt ${attempt}`)
  }
  const after = 'after' in act ? act.after : undefined
  if (after === 0) return conclude()
  const { signal } = context
  return new Promise<Keyed>((resolve, reject) => {
    const finish = (): void => {
      signal.removeEventListener('abort', onAbort)
      resolve(settled(conclude))
    }
    // In the background: it is not the worker's to clean up.
    const stopTimer = after === undefined ? () => {} : process.clock.schedule(after, finish, { background: true })
    const onAbort = (): void => {
      if (!process.alive) return
      const reason = signal.reason as Error
      history.add({ type: 'abort', by, id, attempt, reason: reason.name })
      if (act.does === 'deaf' || act.does === 'never') return
      stopTimer()
      end('aborted')
      reject(reason)
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort)
  })
}

function actOf(cast: Cast, key: string, attempt: number): Act {
  const acts = cast.plans.get(key)?.acts
  return acts === undefined ? QUICK : acts[Math.min(attempt, acts.length) - 1]!
}

function errorOf(act: Act): Error | undefined {
  switch (act.does) {
    case 'fail':
      return new Error('planned')
    case 'unrecoverable':
      return new Unrecoverable('planned')
    case 'later':
      return new RetryLater(act.delay)
    case 'snooze':
      return new Snooze(act.delay)
    case 'complete':
    case 'deaf':
    case 'hang':
    case 'never':
    case 'poison':
      return undefined
  }
}
