import { OptionError } from '../errors/option-error.ts'
import type { Clock } from '../time/clock.ts'

/** A JavaScript `Map` holds 16.7 million entries. */
const CAPACITY = 16_000_000

export interface MemoryBackendOptions {
  /** The backend's clock. Default: the system's. Tests and simulations give one that they move by hand. */
  readonly clock?: Clock
  /** Jobs that fit, finished ones that are still known included; more are refused with `full`. Default and most: 16 million. */
  readonly capacity?: number
  /** Told in a sentence when a listener of `watch` throws. Default: `process.emitWarning`. */
  readonly warn?: (message: string) => void
}

/** @throws OptionError when it is not a positive integer up to 16 million. */
export function capacityOf({ capacity = CAPACITY }: MemoryBackendOptions): number {
  if (Number.isInteger(capacity) && capacity >= 1 && capacity <= CAPACITY) return capacity
  throw new OptionError('capacity', `must be an integer from 1 to ${CAPACITY}, not ${capacity}`)
}
