import { sleep, systemClock, type Health, type Ms } from '@jobport/core/adapter'
import { failure } from './connection/failure.ts'
import { statement } from './connection/statements.ts'
import type { OwnLine } from './connection/session.ts'
import type { Settings } from './options.ts'
import healthSql from './sql/queries/health.sql'

/** An answer that takes longer is none. */
const PATIENCE: Ms = 5_000
/** A transaction that is older keeps vacuum from its work. */
const OLD: Ms = 600_000

/** Asks the server what an accepted job survives, and what an operator should know. */
export async function health(line: OwnLine, settings: Settings): Promise<Health> {
  try {
    const answer = await Promise.race([ask(line, settings), sleep(systemClock, PATIENCE)])
    return answer ?? unreachable(`The server has not answered within ${PATIENCE} ms.`)
  } catch (error) {
    return unreachable(String(failure(error)))
  }
}

async function ask(line: OwnLine, { schema, pool, pooler }: Settings): Promise<Health> {
  const [row] = await line.ask(statement(schema, 'health', healthSql), [])
  const [version, fsync, commit, standbys, synchronous, readOnly, oldest, level] = row!
  const warnings: string[] = []
  if (fsync !== 'on') {
    warnings.push('fsync is off: a power cut may destroy the database; set fsync = on in postgresql.conf.')
  }
  if (commit === 'off') {
    warnings.push(
      'synchronous_commit is off: a crash may take the last accepted jobs along; set it to on for the role of jobport where that matters.',
    )
  }
  if (readOnly === 'on') {
    warnings.push(
      'The server is read-only (a standby, or default_transaction_read_only): no job can be enqueued or claimed; connect to the primary.',
    )
  }
  if (Number(oldest) > OLD) {
    const minutes = Math.floor(Number(oldest) / 60_000)
    warnings.push(
      `A transaction has been open for ${minutes} minutes, so vacuum cannot remove what has gone; look at backend_xmin in pg_stat_activity, and at pg_prepared_xacts, and end it.`,
    )
  }
  if (level !== 'read committed' && (pool !== undefined || pooler === true)) {
    warnings.push(
      `default_transaction_isolation is ${level}: calls get into each other's way and are repeated; set it to read committed for the role of jobport.`,
    )
  }
  if (line.exposedTo !== undefined) {
    warnings.push(
      `The connection to ${line.exposedTo} is not encrypted: anybody on the way can read the jobs, and try out passwords until one fits the login; or read the password itself, if pg_hba.conf asks for it by the method password. Use the option ssl of the driver.`,
    )
  }
  const isReplicated = synchronous !== '' && Number(standbys) > 0 && commit !== 'off' && commit !== 'local'
  const durability = fsync !== 'on' ? 'none' : commit === 'off' ? 'async' : isReplicated ? 'replicated' : 'fsync'
  return { reachable: true, durability, warnings, version }
}

function unreachable(warning: string): Health {
  return { reachable: false, durability: 'none', warnings: [warning] }
}
