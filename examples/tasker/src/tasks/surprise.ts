import { z } from 'zod'
import { SONGS } from './songs.ts'
import type { Task } from './task.ts'

interface Params {
  readonly first: number
}

interface Answer {
  readonly hint: string
  readonly melody: string
}

/** One for each step of the scale. */
const BARS = '▁▂▃▄▅▆▇█'

/** A song that can be seen: the higher the bar, the higher the note. `first` says which; after the last comes the first again. */
export const surprise: Task<Params, Answer> = {
  name: 'surprise',
  params: z.strictObject({ first: z.int() }),
  answer: z.object({ hint: z.string(), melody: z.string() }),
  compute: ({ first }) => ({
    hint: 'Eight steps from do to do. Hum it from left to right.',
    melody: songOf(first).replace(/\d/g, (step) => BARS[Number(step) - 1]!),
  }),
}

function songOf(first: number): string {
  const { length } = SONGS
  return SONGS[(((first - 1) % length) + length) % length]!
}
