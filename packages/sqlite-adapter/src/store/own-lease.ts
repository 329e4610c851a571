import type { Lease } from '@jobport/core/adapter'
import attemptOf from '../sql/attempt-of.sql'
import { SealedLease } from '../verbs/token.ts'
import type { Transaction } from '../verbs/transaction.ts'

/** A lease by a broker's token as the verbs know leases. One that stands for no claim is lost. */
export function ownLease(tx: Transaction, { id, queue, token }: Lease): Lease {
  const [seq, flags, attempt] = tx.on.get(attemptOf, id, token) ?? []
  if (attempt === undefined || attempt === null) return { id, queue, token: '' }
  return new SealedLease(id, queue, { prefix: `${attempt}:${token}`, seq, flags })
}
