import { keepShape } from '@jobport/core/adapter'

/** Jobs are numbered; those with the same number but for the last eight bits are a block. A set of them is 256 bits, and its first is the first job. */
export const BLOCK_SIZE = 256
const PER_DIGIT = 4

/** Which block a job is in. */
export function blockOf(seq: number): number {
  return Math.floor(seq / BLOCK_SIZE)
}

/** Where in its block a job is. */
export function placeOf(seq: number): number {
  return seq % BLOCK_SIZE
}

/** Jobs of one block. */
export class JobsOfBlock {
  readonly #digits = new Uint8Array(BLOCK_SIZE / PER_DIGIT)

  /** `false`: it was there. */
  add(seq: number): boolean {
    const place = placeOf(seq)
    const bit = 8 >> (place & 3)
    const digit = this.#digits[place >> 2]!
    this.#digits[place >> 2] = digit | bit
    return (digit & bit) === 0
  }

  /** As a value of `bit varying`. */
  toString(): string {
    let text = 'x'
    for (const digit of this.#digits) text += HEX[digit]
    return text
  }
}

keepShape(new JobsOfBlock())

const HEX = '0123456789abcdef'

/** Whether a job is in a set of its block as Postgres writes it; `undefined` is the empty set. */
export function has(bits: string | undefined, seq: number): boolean {
  return bits?.[placeOf(seq)] === '1'
}
