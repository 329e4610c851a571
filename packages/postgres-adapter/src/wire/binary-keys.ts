/** Bytes of the head of an array, and of each key: its length in 4, and itself. */
const HEAD = 20
const STEP = 20
const UUID_OID = 2950

/** Where the bytes of a UUID are in its text. */
const BYTES_AT = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]

/** Keys as the server reads an array of UUIDs in binary form, which takes it less time than text. */
export function keysInBinary(keys: readonly string[]): Buffer {
  const bytes = Buffer.alloc(HEAD + keys.length * STEP)
  // One dimension, no nulls, what the elements are, how many there are, the first index.
  for (const [index, word] of [1, 0, UUID_OID, keys.length, 1].entries()) bytes.writeInt32BE(word, 4 * index)
  for (let index = 0, at = HEAD; index < keys.length; index++) {
    const key = keys[index]!
    bytes[at + 3] = 16
    at += 4
    for (const place of BYTES_AT) bytes[at++] = (digit(key.charCodeAt(place)) << 4) | digit(key.charCodeAt(place + 1))
  }
  return bytes
}

/** The value of a digit of `0-9a-f`. Without a branch, since nobody could guess which it is. */
function digit(code: number): number {
  return (code & 0xf) + 9 * (code >> 6)
}
