import { defineJob, fixed, type } from '@jobport/core'
import { MAX_CRASHES } from '../plan/setting.ts'
import type { JobPlan } from '../plan/job-plan.ts'

export interface Keyed {
  readonly key: string
}

/** What a handler returns: which attempt it was that decided the job. */
export interface Decided extends Keyed {
  readonly attempt: number
}

const QUEUE = 'work'
const FOLLOWERS = 'after'
export const queues = [QUEUE, FOLLOWERS] as const

// Records must be there when the run is judged.
const common = {
  input: type<Keyed>(),
  output: type<Decided>(),
  queue: QUEUE,
  retry: { retries: MAX_CRASHES, backoff: fixed(50) },
  keep: '6h',
} as const

export const plain = defineJob('chaos.plain', common)
export const follower = defineJob('chaos.follower', { ...common, queue: FOLLOWERS })
export const followed = defineJob('chaos.followed', common).followedBy(follower, ({ key }) => ({ key: `after ${key}` }))
export const notified = defineJob('chaos.notified', { ...common, notify: [{ on: 'finished', to: { user: 'ada' } }] })
export const dying = defineJob('chaos.dying', { ...common, notify: [{ on: 'dead', to: { role: 'admins' } }] })

export function definitionOf({ kind }: JobPlan): typeof plain {
  if (kind === 'followed') return followed
  if (kind === 'notified') return notified
  return kind === 'dying' ? dying : plain
}
