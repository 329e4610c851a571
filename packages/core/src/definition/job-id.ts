import { randomFillSync } from 'node:crypto'
import type { JobId } from '../contract/job.ts'
import { OptionError } from '../errors/option-error.ts'

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const pool = new Uint8Array(8 * 1024)
let next = pool.length
let lastDate = 0
let counter = 0

/**
 * A UUID of version 7 (RFC 9562, section 5.7): 48 bits of time, then a 12-bit counter that keeps ids of one process and millisecond in
 * order (section 6.2, method 1), then 62 random bits. `date`: milliseconds since 1970.
 */
export function newJobId(date: number): JobId {
  if (next + 8 > pool.length) {
    randomFillSync(pool)
    next = 0
  }
  if (date > lastDate) {
    lastDate = date
    counter = pool[next]! & 0x7f
  } else if (++counter > 0xfff) {
    lastDate++
    counter = 0
  }
  const high = Math.floor(lastDate / 0x1_0000)
  const low = lastDate & 0xffff
  const id =
    HEX[(high >>> 24) & 0xff]! + HEX[(high >>> 16) & 0xff]! + HEX[(high >>> 8) & 0xff]! + HEX[high & 0xff]! + '-' +
    HEX[low >>> 8]! + HEX[low & 0xff]! + '-' +
    HEX[0x70 | (counter >>> 8)]! + HEX[counter & 0xff]! + '-' +
    HEX[0x80 | (pool[next + 1]! & 0x3f)]! + HEX[pool[next + 2]!]! + '-' +
    HEX[pool[next + 3]!]! + HEX[pool[next + 4]!]! + HEX[pool[next + 5]!]! + HEX[pool[next + 6]!]! + HEX[pool[next + 7]!]! + HEX[pool[next]!]!
  next += 8
  return id
}

/** @throws OptionError unless 1 to 80 of `[A-Za-z0-9._:-]`. Ids that jobport derives from a job's id may be longer. */
export function checkJobId(id: JobId): JobId {
  if (typeof id === 'string' && /^[A-Za-z0-9._:-]{1,80}$/.test(id)) return id
  throw new OptionError('id', `${JSON.stringify(id)} is not a job id; use 1 to 80 of the characters A-Z a-z 0-9 . _ : -, or leave it out`)
}
