import type { JobId } from '@jobport/core/adapter'

const DASH = 45
const ZERO = 48
const DIGITS = Buffer.from('0123456789abcdef')
/** What each character is worth as a digit of a UUID; -1 if it is none. */
const VALUES = new Int8Array(0x1_0000).fill(-1)
DIGITS.forEach((code, value) => (VALUES[code] = value))
/** Where a UUID has its 32 digits. */
const PLACES = Uint8Array.from(Array.from({ length: 36 }).keys()).filter((at) => ![8, 13, 18, 23].includes(at))

/** No id begins so, hence nothing but a packed one. */
const MARK = '~'
const PACKED = 23
/** Text made from bytes is flat, and cheaper than one put together. */
const packed = Buffer.alloc(PACKED, MARK)
const unpacked = Buffer.alloc(36, DASH)

/**
 * An id as the server keeps it: a UUID, which most are, in 23 characters instead of 36, any other as it is. Three digits of base 16 are two of base 64,
 * from '0' on in the order of their codes.
 */
export function packId(id: JobId): string {
  if (id.length !== 36) return id
  for (const at of [8, 13, 18, 23]) if (id.charCodeAt(at) !== DASH) return id
  let invalid = 0
  let at = 1
  for (let digit = 0; digit < 30; digit += 3) {
    const a = VALUES[id.charCodeAt(PLACES[digit]!)]!
    const b = VALUES[id.charCodeAt(PLACES[digit + 1]!)]!
    const c = VALUES[id.charCodeAt(PLACES[digit + 2]!)]!
    invalid |= a | b | c
    packed[at++] = ZERO + ((a << 2) | (b >> 2))
    packed[at++] = ZERO + (((b & 3) << 4) | c)
  }
  const a = VALUES[id.charCodeAt(34)]!
  const b = VALUES[id.charCodeAt(35)]!
  if ((invalid | a | b) < 0) return id
  packed[at++] = ZERO + a
  packed[at] = ZERO + b
  return packed.toString('latin1')
}

/** The id that is kept so. */
export function unpackId(text: string): JobId {
  if (text.length !== PACKED || !text.startsWith(MARK)) return text
  let at = 1
  for (let digit = 0; digit < 30; digit += 3) {
    const high = text.charCodeAt(at++) - ZERO
    const low = text.charCodeAt(at++) - ZERO
    unpacked[PLACES[digit]!] = DIGITS[high >> 2]!
    unpacked[PLACES[digit + 1]!] = DIGITS[((high & 3) << 2) | (low >> 4)]!
    unpacked[PLACES[digit + 2]!] = DIGITS[low & 15]!
  }
  unpacked[34] = DIGITS[text.charCodeAt(at++) - ZERO]!
  unpacked[35] = DIGITS[text.charCodeAt(at) - ZERO]!
  return unpacked.toString('latin1')
}
