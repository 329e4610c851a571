import { eq, sql } from 'drizzle-orm'
import type { Database } from '../database/database.ts'
import { heartbeats } from '../database/tables.ts'
import type { Health } from './process-status.ts'

/** What controllers say of the tasks that they serve, while they live. */
export class Heartbeats {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async beat(controller: string, tasks: ReadonlyMap<string, Health>): Promise<void> {
    await this.#database
      .insert(heartbeats)
      .values(Array.from(tasks, ([task, status]) => ({ controller, task, status, beatAt: sql`now()` })))
      .onConflictDoUpdate({
        target: [heartbeats.controller, heartbeats.task],
        set: { status: sql`excluded.status`, beatAt: sql`now()` },
      })
  }

  async leave(controller: string): Promise<void> {
    await this.#database.delete(heartbeats).where(eq(heartbeats.controller, controller))
  }

  /** Those of the last ten seconds, by the server's clock: a controller speaks every two. */
  live(): Promise<{ readonly task: string; readonly status: Health }[]> {
    return this.#database
      .select({ task: heartbeats.task, status: heartbeats.status })
      .from(heartbeats)
      .where(sql`${heartbeats.beatAt} > now() - interval '10 seconds'`)
  }

  /** Drops those of controllers that died an hour ago or more. */
  async clean(): Promise<void> {
    await this.#database.delete(heartbeats).where(sql`${heartbeats.beatAt} < now() - interval '1 hour'`)
  }
}
