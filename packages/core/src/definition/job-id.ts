import { randomFillSync } from 'node:crypto'
import type { JobId } from '../contract/job.ts'
import { OptionError } from '../errors/option-error.ts'

const DIGITS = Buffer.from('0123456789abcdef')
const pool = new Uint8Array(8 * 1024)
/** The newest id as ASCII. Text made from bytes is flat: a concatenation would have to be flattened by the first map that it is a key of. */
const text = Buffer.alloc(36, '-')
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
    writeDate(date)
    counter = pool[next]! & 0x7f
  } else if (++counter > 0xfff) {
    writeDate(lastDate + 1)
    counter = 0
  }
  writeByte(14, 0x70 | (counter >>> 8))
  writeByte(16, counter & 0xff)
  writeByte(19, 0x80 | (pool[next + 1]! & 0x3f))
  writeByte(21, pool[next + 2]!)
  for (let at = 24, from = next + 3; at < 34; at += 2, from++) writeByte(at, pool[from]!)
  writeByte(34, pool[next]!)
  next += 8
  return text.toString('latin1')
}

function writeDate(date: number): void {
  lastDate = date
  const high = Math.floor(date / 0x1_0000)
  writeByte(0, (high >>> 24) & 0xff)
  writeByte(2, (high >>> 16) & 0xff)
  writeByte(4, (high >>> 8) & 0xff)
  writeByte(6, high & 0xff)
  writeByte(9, (date >>> 8) & 0xff)
  writeByte(11, date & 0xff)
}

/** Two digits. They overwrite every place but those of the dashes. */
function writeByte(at: number, byte: number): void {
  text[at] = DIGITS[byte >>> 4]!
  text[at + 1] = DIGITS[byte & 0xf]!
}

/** @throws OptionError unless 1 to 80 of `[A-Za-z0-9._:-]`. Ids that jobport derives from a job's id may be longer. */
export function checkJobId(id: JobId): JobId {
  if (typeof id === 'string' && /^[A-Za-z0-9._:-]{1,80}$/.test(id)) return id
  throw new OptionError(
    'id',
    `${JSON.stringify(id)} is not a job id; use 1 to 80 of the characters A-Z a-z 0-9 . _ : -, or leave it out`,
  )
}
