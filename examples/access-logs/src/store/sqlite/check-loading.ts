import type { DatabaseSync } from 'node:sqlite'
import isLoading from './sql/is-loading.sql'

/** @throws when another load of the same file has begun, which removes the rows of this one */
export function checkLoading(database: DatabaseSync, file: number): void {
  if (database.prepare(isLoading).get(file) === undefined) throw new Error('another worker loads this file now')
}
