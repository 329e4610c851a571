import type { z } from 'zod'

/** What a client can ask for. Equal params have equal answers, for ever: answers are kept. */
export interface Task<Params extends object = any, Answer = any> {
  /** Also the name of its queue. */
  readonly name: string
  readonly params: z.ZodType<Params>
  readonly answer: z.ZodType<Answer>
  /** @throws TaskError when these params have no answer. */
  compute(params: Params): Answer
}

/** The params are well-formed and have no answer. Trying again would not help, and the client is told why. */
export class TaskError extends Error {
  override readonly name = 'TaskError'
}

/** @throws TaskError when the number is too large for JSON. */
export function finite(value: number): number {
  if (Number.isFinite(value)) return value
  throw new TaskError('the result is larger than a number can be')
}
