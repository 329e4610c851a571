import type { Extended, Lease, Ms } from '@jobport/core/adapter'
import type { Held } from '../held.ts'
import { seconds } from '../limits.ts'
import type { Live } from '../live.ts'
import { changeVisibility } from './visibility.ts'

interface Case {
  readonly index: number
  readonly lease: Lease
  readonly held: Held
}

/** Answers by index. At the end of the twelve hours a lease is `lost` while it still has its rest: the job then goes back. */
export async function extend(live: Live, leases: readonly Lease[], duration: Ms): Promise<readonly Extended[]> {
  const answers: Extended[] = leases.map(() => 'lost')
  const cases: Case[] = []
  leases.forEach((lease, index) => {
    const held = live.held.find(lease)
    if (held !== undefined && duration <= live.held.left(held)) cases.push({ index, lease, held })
  })
  const queues = Map.groupBy(cases, ({ held }) => held.url)
  await Promise.all(
    Array.from(queues, async ([url, some]) => {
      const now = live.clock.now()
      const changes = some.map(({ held }) => ({ handle: held.handle, seconds: seconds(duration) }))
      const changed = await changeVisibility(live, url, changes, true)
      some.forEach(({ index, lease, held }, at) => {
        const change = changed[at]!
        if (change === 'done') held.until = now + duration
        if (change === 'stale') live.held.delete(lease.token)
        answers[index] = change === 'done' ? 'applied' : change === 'stale' ? 'lost' : change
      })
    }),
  )
  return answers
}
