import { randomFillSync } from 'node:crypto'

const pool = new Uint32Array(1024)
let next = pool.length

/** 64 random bits as text: the part of a token that tells two claims with the same number apart. One is enough for a batch. */
export function claimId(): string {
  if (next >= pool.length) {
    randomFillSync(pool)
    next = 0
  }
  return pool[next++]!.toString(36) + pool[next++]!.toString(36)
}

/** The fencing token of one claim of one job. */
export function token(attempt: number, claim: string): string {
  return `${attempt}:${claim}`
}
