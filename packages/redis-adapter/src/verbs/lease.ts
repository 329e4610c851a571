import type { Extended, JobId, Lease, Ms, Report, Settled } from '@jobport/core/adapter'
import { packId } from '../codec/id.ts'
import { wrap } from '../codec/value.ts'
import { ADMISSION, span } from '../limits.ts'
import type { Session } from '../session.ts'
import { byQueue, isId } from './storing.ts'

const EXTENDED: Readonly<Record<string, Extended>> = { 0: 'lost', 1: 'applied', 2: 'cancelled' }

/** Attempt and claim that a token consists of. One that is malformed has a part that no claim has. */
export function partsOf(token: string): { readonly attempt: string; readonly claim: string } {
  const colon = token.indexOf(':')
  return colon < 0 ? { attempt: token, claim: '' } : { attempt: token.slice(0, colon), claim: token.slice(colon + 1) }
}

export async function extend(live: Session, leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]> {
  const answers: Extended[] = Array.from({ length: leases.length }, () => 'lost')
  await Promise.all(
    [...byQueue(leases)].map(async ([queue, indexes]) => {
      const tokens = new Map<string, Map<JobId, number[]>>()
      for (const index of indexes) {
        const { id, token } = leases[index]!
        if (!isId(id)) continue
        const places = getOrAdd(tokens, token, () => new Map<JobId, number[]>())
        getOrAdd(places, id, () => []).push(index)
      }
      if (tokens.size === 0) return
      const args: (string | number)[] = [span(lease), tokens.size]
      for (const [token, places] of tokens) {
        const { attempt, claim } = live.partsOf(token)
        args.push(attempt, claim, Array.from(places.keys(), packId).join('\n'))
      }
      const reply = (await live.connection.run(live.scripts.extend, live.keys.of(queue).all, args)) as string
      const asked = [...tokens.values()].flatMap((places) => [...places.values()])
      asked.forEach((places, at) => places.forEach((place) => (answers[place] = EXTENDED[reply[at]!]!)))
    }),
  )
  return answers
}

export async function report(live: Session, reports: readonly Report[]): Promise<readonly Settled[]> {
  const answers: Settled[] = Array.from({ length: reports.length }, () => 'lost')
  await Promise.all(
    [...byQueue(reports.map((each) => each.lease))].map(async ([queue, indexes]) => {
      const args: (string | number)[] = [0]
      const places: number[] = []
      for (const index of indexes) {
        const { lease, begun, progress, logs = [] } = reports[index]!
        const refused = ADMISSION.refuseValue(progress, 'the progress', lease.id)
        if (refused !== undefined) answers[index] = refused
        if (refused !== undefined || !isId(lease.id)) continue
        const { attempt, claim } = live.partsOf(lease.token)
        places.push(index)
        args.push(packId(lease.id), attempt, claim, begun === true ? '1' : '0', progress === undefined ? '0' : '1')
        args.push(progress === undefined ? '' : wrap(progress), logs.length, ...logs.map(wrap))
      }
      if (places.length === 0) return
      args[0] = places.length
      const reply = (await live.connection.run(live.scripts.report, live.keys.of(queue).all, args)) as string
      places.forEach((place, at) => (answers[place] = reply[at] === '1' ? 'applied' : 'lost'))
    }),
  )
  return answers
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}
