import { z } from 'zod'

/** What the jobs of all benchmarks carry: 97 bytes of JSON. */
export interface Input {
  readonly number: number
  readonly user: string
  readonly source: string
  readonly width: number
}

/** As a user would write it. */
export const inputSchema: z.ZodType<Input> = z.object({
  number: z.int(),
  user: z.string().max(64),
  source: z.string().max(1024),
  width: z.int().min(1).max(4096),
})

/** Every number has seven digits, so every payload has the same length. */
const FIRST = 1_000_000

export function inputAt(index: number): Input {
  return {
    number: FIRST + index,
    user: 'u-482193',
    source: 'uploads/2026/11/holiday/IMG_2041.jpeg',
    width: 320,
  }
}

/** The index of which `inputAt` made this. */
export function indexOf(input: Input): number {
  return input.number - FIRST
}

export function inputs(count: number): readonly Input[] {
  return Array.from({ length: count }, (_, index) => inputAt(index))
}

/** How many jobs one bulk call carries. */
export const BULK = 1000

export function chunks(all: readonly Input[]): readonly (readonly Input[])[] {
  return Array.from({ length: Math.ceil(all.length / BULK) }, (_, index) => all.slice(index * BULK, (index + 1) * BULK))
}
