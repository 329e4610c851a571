import { mult3 } from './mult3.ts'
import { sum2 } from './sum2.ts'
import { surprise } from './surprise.ts'
import type { Task } from './task.ts'

/** Every task there is. */
export const TASKS: readonly Task[] = [sum2, mult3, surprise]

export const TASK_NAMES: readonly string[] = TASKS.map(({ name }) => name)
