import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import type { DatabaseConfiguration } from '../src/configuration.ts'
import postgresCountLines from '../src/store/postgres/sql/count-lines.sql'
import sqliteCountLines from '../src/store/sqlite/sql/count-lines.sql'

export type Row = Readonly<Record<string, unknown>>

/** A database that goes away with the test. */
export interface TestDatabase {
  readonly configuration: DatabaseConfiguration
  /** Tells a program the same. */
  readonly variables: Readonly<Record<string, string>>
  query(sql: string): Promise<readonly Row[]>
  /** The count of each uri per day, from the lines themselves. */
  countLines(): Promise<readonly Row[]>
  /** How many lines of files that do not count yet have arrived. */
  linesUnderWay(): Promise<number>
  /** Whether a transaction that is open keeps everybody else from writing. */
  isLocked(): Promise<boolean>
}

export const DATABASES = [
  ['SQLite', sqlite],
  ['Postgres', postgres],
] as const

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'jobport-access-logs-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function sqlite(): Promise<TestDatabase> {
  const file = join(temporaryFolder(), 'logs.sqlite')
  const query = async (sql: string) => {
    const database = new DatabaseSync(file)
    try {
      database.exec('pragma busy_timeout = 10000')
      return database.prepare(sql).all()
    } finally {
      database.close()
    }
  }
  return {
    configuration: { file },
    variables: { SQLITE_FILE: file },
    query,
    countLines: () => query(sqliteCountLines),
    async linesUnderWay() {
      const [row] = await query(
        'select count(*) as lines from loaded_requests where file not in (select id from files)',
      )
      return row!['lines'] as number
    },
    async isLocked() {
      const database = new DatabaseSync(file)
      try {
        database.exec('begin immediate; rollback')
        return false
      } catch {
        return true
      } finally {
        database.close()
      }
    },
  }
}

async function postgres(): Promise<TestDatabase> {
  const url = process.env['POSTGRES_URL']!
  const schema = `logs_${randomUUID().slice(0, 8)}`
  const pool = new pg.Pool({ connectionString: url, max: 1, options: `-c search_path=${schema}` })
  onTestFinished(async () => {
    await pool.query(`set client_min_messages = error; drop schema if exists ${schema}, ${schema}_jobs cascade`)
    await pool.end()
  })
  const query = async (sql: string) => (await pool.query<Row>(sql)).rows
  return {
    configuration: { url, schema },
    variables: { POSTGRES_URL: url, POSTGRES_SCHEMA: schema },
    query,
    countLines: () => query(postgresCountLines),
    async linesUnderWay() {
      const [row] = await query(
        `select coalesce(sum(tuples_processed), 0)::integer as lines from pg_stat_progress_copy where relid = to_regclass('requests')`,
      )
      return row!['lines'] as number
    },
    isLocked: async () => false,
  }
}
