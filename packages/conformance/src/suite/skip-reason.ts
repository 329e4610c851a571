import type { Backend, Features } from '@jobport/core/adapter'
import type { Harness } from '../harness.ts'
import type { Case, Circumstance, Need } from './case.ts'

/** Why a case does not apply to a backend; `undefined` when it does. */
export function skipReason(each: Case, harness: Harness, backend: Backend): string | undefined {
  const chosen = harness.skip?.[each.id]
  if (chosen !== undefined) return chosen
  for (const need of each.needs) {
    if (isFeature(need, backend.features)) {
      if (!backend.features[need]) return `no feature ${need}`
    } else if (!present(need, harness, backend)) return absent[need]
  }
  return undefined
}

function isFeature(need: Need, features: Features): need is keyof Features {
  return need in features
}

function present(need: Circumstance, harness: Harness, backend: Backend): boolean {
  switch (need) {
    case 'two instances':
      return harness.shared !== false
    case 'durable':
      return harness.durable === true
    case 'virtual time':
      return harness.clock !== undefined
    case 'spy':
      return harness.spy !== undefined
    case 'footprint':
      return harness.footprint !== undefined
    case 'exchange':
      return backend.exchange !== undefined
    case 'transaction':
      return harness.transaction !== undefined
    case 'long leases':
      return backend.limits.lease >= 60_000
  }
}

const absent: Readonly<Record<Circumstance, string>> = {
  'two instances': 'instances do not share their jobs',
  durable: 'jobs do not outlive the instances',
  'virtual time': 'would take minutes of real time',
  spy: 'round trips are not counted by the harness',
  footprint: 'rows and keys are not counted by the harness',
  exchange: 'no verb exchange',
  transaction: 'transactions are not offered by the harness',
  'long leases': 'leases end within a minute',
}
