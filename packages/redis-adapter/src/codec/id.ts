import type { JobId } from '@jobport/core/adapter'

const DASH = 45
const ZERO = 48
const DIGITS = Buffer.from('0123456789abcdef')
/** What each character is worth as a digit of a UUID; -1 if it is none. */
const VALUES = new Int8Array(0x1_0000).fill(-1)
DIGITS.forEach((code, value) => (VALUES[code] = value))

/** Where a UUID has dashes, its version, and its variant in half of a digit. */
const DASHES = [8, 13, 18, 23]
const VERSION = 14
const VARIANT = 19
/** Where it has the 30 digits besides. */
const PLACES = Uint8Array.from(Array.from({ length: 36 }).keys()).filter(
  (at) => ![...DASHES, VERSION, VARIANT].includes(at),
)

/** The versions that core and most applications make. */
const FOUR = 52
const SEVEN = 55
/** Ends a packed id, so that such ids are in the order of the UUIDs: one of four characters for each version, none of which an id has. */
const MARK_OF_FOUR = 35
const MARK_OF_SEVEN = 39
const LAST_MARK = 42
const PACKED = 21
/** Text made from bytes is flat, and cheaper than one put together. */
const packed = Buffer.alloc(PACKED)
const unpacked = Buffer.alloc(36, DASH)

/**
 * An id as the server keeps it: a UUID of version 4 or 7, which most are, in 21 characters instead of 36, any other as it is. Three digits of base 16 are two
 * of base 64, from '0' on in the order of their codes; the version and what is left are one more.
 */
export function packId(id: JobId): string {
  if (id.length !== 36) return id
  for (const at of DASHES) if (id.charCodeAt(at) !== DASH) return id
  const version = id.charCodeAt(VERSION)
  const variant = VALUES[id.charCodeAt(VARIANT)]!
  if ((version !== FOUR && version !== SEVEN) || variant >> 2 !== 2) return id
  let invalid = 0
  let at = 0
  for (let digit = 0; digit < PLACES.length; digit += 3) {
    const a = VALUES[id.charCodeAt(PLACES[digit]!)]!
    const b = VALUES[id.charCodeAt(PLACES[digit + 1]!)]!
    const c = VALUES[id.charCodeAt(PLACES[digit + 2]!)]!
    invalid |= a | b | c
    packed[at++] = ZERO + ((a << 2) | (b >> 2))
    packed[at++] = ZERO + (((b & 3) << 4) | c)
  }
  if (invalid < 0) return id
  packed[at] = (version === SEVEN ? MARK_OF_SEVEN : MARK_OF_FOUR) + (variant & 3)
  return packed.toString('latin1')
}

/** The id that is kept so. */
export function unpackId(text: string): JobId {
  if (text.length !== PACKED) return text
  const mark = text.charCodeAt(PACKED - 1)
  if (mark < MARK_OF_FOUR || mark > LAST_MARK) return text
  let at = 0
  for (let digit = 0; digit < PLACES.length; digit += 3) {
    const high = text.charCodeAt(at++) - ZERO
    const low = text.charCodeAt(at++) - ZERO
    unpacked[PLACES[digit]!] = DIGITS[high >> 2]!
    unpacked[PLACES[digit + 1]!] = DIGITS[((high & 3) << 2) | (low >> 4)]!
    unpacked[PLACES[digit + 2]!] = DIGITS[low & 15]!
  }
  const isSeven = mark >= MARK_OF_SEVEN
  unpacked[VERSION] = isSeven ? SEVEN : FOUR
  unpacked[VARIANT] = DIGITS[8 + mark - (isSeven ? MARK_OF_SEVEN : MARK_OF_FOUR)]!
  return unpacked.toString('latin1')
}
