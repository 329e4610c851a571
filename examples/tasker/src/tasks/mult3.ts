import { z } from 'zod'
import { finite, type Task } from './task.ts'

interface Params {
  readonly first: number
  readonly second: number
  readonly third: number
}

export const mult3: Task<Params, number> = {
  name: 'mult3',
  params: z.strictObject({ first: z.number(), second: z.number(), third: z.number() }),
  answer: z.number(),
  compute: ({ first, second, third }) => finite(first * second * third),
}
