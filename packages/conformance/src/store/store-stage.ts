import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Begun, ClaimedJob, HandOff, Lease, Ms, NewJob, Store } from '@jobport/core/adapter'
import type { StoreHarness } from './store-harness.ts'

/** What a case of a store plays on. */
export interface StoreStage {
  readonly store: Store
  /** What short durations are built from. */
  readonly unit: Ms
  readonly handOff: HandOff
  another(): Promise<Store>
  /** Lets time go on. */
  pass(by: Ms): Promise<void>
  job(more?: Partial<NewJob>): NewJob
  /** A job that is stored, and confirmed as sent. */
  given(more?: Partial<NewJob>): Promise<NewJob>
  /** A job as the broker delivers it: with another token each time. */
  delivery(job: NewJob): ClaimedJob
  /** Begins one claim, for long unless said otherwise; again where it has begun. */
  begin(claim: ClaimedJob, lease?: Ms): Promise<Begun>
  /** A job that is delivered and begun, as the store names it. */
  start(job: NewJob, lease?: Ms): Promise<ClaimedJob>
  /** A job that is stored, sent, delivered and begun. */
  active(more?: Partial<NewJob>, lease?: Ms): Promise<ClaimedJob>
  /** The ids of what has to be sent, which is not given out again for long. */
  due(): Promise<readonly string[]>
  footprint?(): Promise<number>
}

export const LONG: Ms = 3_600_000

/** What the begin of a first attempt answers, as far as cases compare it. */
export const FIRST = { attempt: 1, failures: 0, crashes: 0, redrives: 0, origin: 'here' }

export async function setStoreStage(harness: StoreHarness): Promise<{ stage: StoreStage; strike(): Promise<void> }> {
  const namespace = `t_${randomBytes(6).toString('hex')}`
  const instances: Store[] = []
  const another = async (): Promise<Store> => {
    const store = await harness.open(namespace)
    instances.push(store)
    await store.open()
    return store
  }
  const store = await another()
  const unit = harness.clock === undefined ? (harness.unit ?? 1_000) : 1_000
  const handOff: HandOff = { delay: unit, grace: 2 * unit, origin: 'here' }
  let serial = 0

  const job: StoreStage['job'] = (more = {}) => ({
    id: `job-${++serial}`,
    queue: 'work',
    name: 'n',
    payload: '{"a":"é"}',
    headers: { h: '1' },
    ...more,
  })
  const given: StoreStage['given'] = async (more) => {
    const created = job(more)
    await store.insert([created], handOff)
    await store.sent([{ id: created.id, sending: '' }])
    return created
  }
  const delivery: StoreStage['delivery'] = ({ id, queue, name, payload, headers }) => {
    const lease = { id, queue, token: `random${++serial}` }
    return { lease, name, payload, headers, attempt: 1, failures: 0, crashes: 0, redrives: 0, enqueuedAt: 0 }
  }
  const asked = new Map<string, Lease>()
  const begin: StoreStage['begin'] = async (claim, lease = LONG) => {
    const attempt = asked.get(claim.lease.token) ?? claim.lease
    return (await store.begin([attempt], lease))[0]!
  }
  const start: StoreStage['start'] = async (created, lease) => {
    const claim = delivery(created)
    const begun = await begin(claim, lease)
    if (typeof begun === 'string') throw new Error(`job ${created.id} is ${begun}`)
    asked.set(begun.lease.token, claim.lease)
    return { ...claim, lease: begun.lease }
  }
  const { footprint } = harness
  const stage: StoreStage = {
    store,
    unit,
    handOff,
    another,
    pass: (by) => harness.clock?.advance(by) ?? delay(by),
    job,
    given,
    delivery,
    begin,
    start,
    active: async (more, lease) => start(await given(more), lease),
    due: async () => (await store.due(10, LONG)).map((unsent) => unsent.job.id),
    ...(footprint && { footprint: () => footprint(namespace) }),
  }
  return {
    stage,
    async strike() {
      await Promise.all(instances.map((each) => each.close()))
      await harness.cleanup(namespace)
    },
  }
}
