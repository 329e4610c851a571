import {
  BackendError,
  type Enqueued,
  type Mover,
  type NewJob,
  type Settled,
  type Settlement,
} from '@jobport/core/adapter'
import type { DatabaseSync } from 'node:sqlite'
import { Connection } from './connection/connection.ts'
import { failure } from './connection/failure.ts'
import { pathOf } from './connection/open.ts'
import { ADMISSION, LIMITS, NAME } from './limits.ts'
import type { Live } from './live.ts'
import release from './sql/release.sql'
import rollbackTo from './sql/rollback-to.sql'
import savepoint from './sql/savepoint.sql'
import time from './sql/time.sql'
import { enqueue } from './verbs/enqueue.ts'
import { settle } from './verbs/settle.ts'
import { Transaction } from './verbs/transaction.ts'

/**
 * The two verbs on a connection of the caller, inside its transaction. Each call is a savepoint: one that fails leaves nothing behind in it.
 * @throws BackendError `invalid` when the connection is to another database or in no transaction.
 */
export function within(database: DatabaseSync, opened: () => Live): Pick<Mover, 'enqueue' | 'settle'> {
  checkSame(database, opened())
  checkBegun(database)

  const run = <T>(body: (tx: Transaction) => T): T => {
    const live = opened()
    checkBegun(database)
    const on = Connection.of(database)
    try {
      on.run(savepoint)
      try {
        const answer = body(new Transaction(on, on.value(time)))
        on.run(release)
        if (database === live.session.on.database) live.suspect()
        return answer
      } catch (error) {
        // A full disk has ended the transaction already.
        if (on.inTransaction !== false) on.run(rollbackTo)
        throw error
      }
    } catch (error) {
      throw failure(error)
    }
  }

  return {
    async enqueue(jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
      ADMISSION.checkSize('jobs', jobs.length, LIMITS.enqueueBatch)
      return run((tx) => enqueue(tx, jobs))
    },
    async settle(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
      ADMISSION.checkSize('settlements', settlements.length, LIMITS.settleBatch)
      return run((tx) => settle(tx, settlements))
    },
  }
}

function checkSame(database: DatabaseSync, { session }: Live): void {
  const own = session.on.database
  if (database === own) return
  if (session.path === '') {
    throw invalid(
      'jobs in memory can be reached by one connection only; give it to sqliteBackend as `database`, and to within() as well',
    )
  }
  let path: string
  try {
    path = pathOf(Connection.of(database))
  } catch (error) {
    throw failure(error)
  }
  if (path !== session.path)
    throw invalid(
      `within() takes a connection to ${session.path}, this one is to ${path === '' ? 'a database in memory' : path}`,
    )
}

/** Node says so from 22.16 on; before that a savepoint begins a transaction that nobody commits, so it cannot be told. */
function checkBegun(database: DatabaseSync): void {
  if (Connection.of(database).inTransaction === false)
    throw invalid('the connection is in no transaction; run `begin immediate` on it first')
}

function invalid(problem: string): BackendError {
  return new BackendError('invalid', NAME, problem)
}
