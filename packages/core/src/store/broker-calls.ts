import type { Mover } from '../contract/backend.ts'
import type { Settled, Settlement } from '../contract/settlement.ts'
import { inBatches } from './in-batches.ts'

/**
 * Settles at the broker what the store knows already. Never rejects: what the broker does not hear it delivers again, and that is harmless.
 * Answers by index, `unknown` where it failed.
 */
export function settleAt(broker: Mover, settlements: readonly Settlement[]): Promise<readonly Settled[]> {
  return inBatches(settlements, broker.limits.settleBatch, (batch) =>
    broker.settle(batch).catch(() => batch.map((): Settled => 'unknown')),
  )
}
