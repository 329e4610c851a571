import type { HistoryEvent, Sent } from '../src/history/event.ts'

export interface LifeOptions {
  readonly at: number
  /** How long its handler takes. */
  readonly lasts?: number
  readonly by?: string
  readonly key?: string
  readonly name?: string
  readonly to?: 'completed' | 'dead'
  readonly attempt?: number
  readonly failures?: number
  readonly crashes?: number
  /** Its worker says nothing more of it. */
  readonly unsettled?: boolean
  /** Its worker never heard whether its outcome was stored. */
  readonly unanswered?: boolean
}

/** What is written down of a job whose life is short and happy: one attempt that decides it. */
export function lifeOf(id: string, options: LifeOptions): HistoryEvent[] {
  const { at, lasts = 1, by = `worker of ${id}`, key = id, name = 'chaos.plain', to = 'completed' } = options
  const { attempt = 1, failures = 0, crashes = 0 } = options
  const token = `${attempt}:${by}`
  const call = at
  const over = at + 6 + lasts
  const sent: Sent = { id, token, to }
  const events: HistoryEvent[] = [
    {
      at: at + 4,
      by,
      type: 'claimed',
      call,
      queue: 'work',
      since: at + 3,
      wait: 0,
      limit: 1,
      jobs: [{ id, token, name, key, attempt, failures, crashes }],
    },
    { at: at + 5, by, type: 'start', id, attempt },
  ]
  if (attempt === 1) {
    events.push({ at: at + 1, by: 'producer', type: 'enqueue', call, ids: [id] })
    events.push({ at: at + 2, by: 'producer', type: 'accepted', call, id })
  }
  if (options.unsettled) return events
  events.push({ at: over, by, type: 'end', id, attempt, how: to === 'completed' ? 'returned' : 'Error' })
  events.push({ at: over + 1, by, type: 'settle', call, sent: [sent] })
  if (!options.unanswered) events.push({ at: over + 2, by, type: 'settled', call, replies: ['applied'] })
  return [...events, recordOf(id, { key, name, to, attempt, failures, crashes })]
}

/** A notification that is delivered at once. */
export function deliveryOf(id: string, outcome: 'completed' | 'dead', at: number): HistoryEvent[] {
  const notification = `${id}:${outcome}:x`
  const life = lifeOf(notification, { at, name: 'jobport.notification', key: 'none' })
  return [...life, { at: at + 6, by: 'notifier', type: 'deliver', notification, id, outcome }]
}

function recordOf(
  id: string,
  {
    key,
    name,
    to,
    attempt,
    failures,
    crashes,
  }: Required<Omit<LifeOptions, 'at' | 'lasts' | 'by' | 'unsettled' | 'unanswered'>>,
): HistoryEvent {
  return {
    at: 98_000,
    by: 'world',
    type: 'record',
    record: {
      id,
      queue: 'work',
      name,
      state: to,
      payload: JSON.stringify({ key }),
      headers: {},
      priority: 0,
      attempt,
      failures,
      crashes,
      redrives: 0,
      enqueuedAt: 0,
      result: JSON.stringify({ key, attempt }),
      errors: [],
      logs: [],
      cancelRequested: false,
    },
  }
}
