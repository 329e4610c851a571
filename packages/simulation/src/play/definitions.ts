import { defineJob, fixed, type, type NotifyRule } from '@jobport/core'

interface Keyed {
  readonly key: string
}

const notify: readonly NotifyRule[] = [
  { on: 'dead', to: { role: 'admins' } },
  { on: 'finished', to: ({ headers: { user } }) => (user === undefined ? undefined : { user }) },
]
/** Records stay to the end of the simulation, to be looked at. */
const common = { input: type<Keyed>(), output: type<Keyed>(), keep: '2h', notify } as const

/** How long an attempt of a `timed` job may take. */
export const TIMEOUT = 700

/** Attempts after the first, unless the job says otherwise. */
export const RETRIES = { plain: 2, timed: 1, batch: 2, chain: 3 } as const

export const plain = defineJob('sim.plain', {
  ...common,
  queue: 'alpha',
  retry: { retries: RETRIES.plain, backoff: fixed(60, { jitter: 0.5 }) },
})
export const timed = defineJob('sim.timed', {
  ...common,
  queue: 'alpha',
  timeout: TIMEOUT,
  retry: { retries: RETRIES.timed, backoff: fixed(0) },
})
export const batch = defineJob('sim.batch', {
  ...common,
  queue: 'beta',
  retry: { retries: RETRIES.batch, backoff: fixed(200) },
})
/** What follows from a chain, and what handlers add. */
export const link = defineJob('sim.link', { ...common, queue: 'alpha', notify: [] })
export const extra = defineJob('sim.extra', { ...common, queue: 'beta', notify: [] })
export const chain = defineJob('sim.chain', {
  ...common,
  queue: 'beta',
  retry: { retries: RETRIES.chain, backoff: fixed(20) },
}).followedBy(link, ({ key }) => ({ key: linkKey(key) }))

export const definitions = { plain, timed, batch, chain } as const

export const linkKey = (key: string): string => `${key}>`
export const extraKey = (key: string): string => `${key}+`
