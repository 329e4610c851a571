import type { Operator } from '@jobport/core'
import { eq, inArray } from 'drizzle-orm'
import type { Database } from '../database/database.ts'
import { suspensions } from '../database/tables.ts'
import { API } from './process-status.ts'

/** Which processes a client has suspended. Of a suspended task nothing is taken in, and what was taken in before waits. */
export class Suspensions {
  readonly #database: Database
  readonly #operate: Pick<Operator, 'pause' | 'resume'>

  constructor(database: Database, operate: Pick<Operator, 'pause' | 'resume'>) {
    this.#database = database
    this.#operate = operate
  }

  /** Those of these processes that are suspended. */
  async among(processes: readonly string[]): Promise<readonly string[]> {
    const found = await this.#database
      .select({ process: suspensions.process })
      .from(suspensions)
      .where(inArray(suspensions.process, [...processes]))
    return found.map(({ process }) => process)
  }

  /** May be repeated, and so mends what was interrupted. */
  async suspend(process: string): Promise<void> {
    await this.#database.insert(suspensions).values({ process }).onConflictDoNothing()
    if (process !== API) await this.#operate.pause(process)
  }

  async activate(process: string): Promise<void> {
    if (process !== API) await this.#operate.resume(process)
    await this.#database.delete(suspensions).where(eq(suspensions.process, process))
  }
}
