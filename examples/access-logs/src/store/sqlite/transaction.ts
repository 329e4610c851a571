import type { DatabaseSync } from 'node:sqlite'

/** Runs `body` in a transaction that has the write lock from its beginning. */
export async function transaction<T>(database: DatabaseSync, body: () => T | Promise<T>): Promise<T> {
  database.exec('begin immediate')
  try {
    const result = await body()
    database.exec('commit')
    return result
  } catch (error) {
    database.exec('rollback')
    throw error
  }
}
