import { and, eq } from 'drizzle-orm'
import type { Database } from '../database/database.ts'
import { answers } from '../database/tables.ts'
import type { Task } from '../tasks/task.ts'

/** What has been computed, by task and params. An answer is written once and stays. */
export class Answers {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async find({ name }: Task, params: object): Promise<{ readonly answer: unknown } | undefined> {
    const found = await this.#database
      .select({ answer: answers.answer })
      .from(answers)
      .where(and(eq(answers.task, name), eq(answers.params, params)))
    return found[0]
  }

  /** Keeps an answer unless there is one, and gives the one that is kept. */
  async keep(task: Task, params: object, answer: unknown): Promise<unknown> {
    const kept = await this.#database
      .insert(answers)
      .values({ task: task.name, params, answer })
      .onConflictDoNothing()
      .returning({ answer: answers.answer })
    return (kept[0] ?? (await this.find(task, params)))?.answer
  }
}
