import { z } from 'zod'
import { finite, type Task } from './task.ts'

interface Params {
  readonly first: number
  readonly second: number
}

export const sum2: Task<Params, number> = {
  name: 'sum2',
  params: z.strictObject({ first: z.number(), second: z.number() }),
  answer: z.number(),
  compute: ({ first, second }) => finite(first + second),
}
