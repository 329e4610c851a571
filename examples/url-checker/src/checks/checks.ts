import { BackendError } from '@jobport/core'
import { DatabaseError, type Pool } from 'pg'
import type { Outcome, Report } from '../report/report.ts'
import type { Check } from './check.ts'
import addSql from './sql/add.sql'
import countSql from './sql/count.sql'
import pageSql from './sql/page.sql'
import schemaSql from './sql/schema.sql'

export interface NewCheck {
  readonly id: string
  readonly url: string
  readonly submittedAt: Date
  readonly report: Report
}

export interface PageQuery {
  readonly limit: number
  /** The `next` of the page before. */
  readonly after?: string | undefined
  readonly outcome?: Outcome | undefined
}

/** A page of checks, the newest first. Rows that come meanwhile shift nothing: a page begins after a row, not at a number. */
export interface ChecksPage {
  readonly checks: Check[]
  /** `null` on the last page. */
  readonly next: string | null
  /** All that match. */
  readonly total: number
}

interface Row {
  readonly seq: string
  readonly id: string
  readonly url: string
  readonly report: Report
  readonly submitted_at: Date
  readonly finished_at: Date
}

/** What `prepare` holds, so that two services that start together make the table one after the other. */
const LOCK = 0x75726c

/** Of the states that SQL knows: no connection, no room, a server that stops or starts. */
const PASSING = /^(08|53|57)/

/** The completed checks, in Postgres. While that is away, calls fail with a `BackendError`, as those about jobs do. */
export class Checks {
  readonly #pool: Pool
  readonly #schema: string

  constructor(pool: Pool, schema: string) {
    this.#pool = pool
    this.#schema = schema
  }

  /** Makes the table where there is none. */
  async prepare(): Promise<void> {
    await this.#ask(`begin; select pg_advisory_xact_lock(${LOCK}); ${schemaSql}; commit`)
  }

  /** Stores a check; one that is stored already stays as it is. Checks that are older than `keepDays` leave. */
  async add({ id, url, report, submittedAt }: NewCheck, keepDays: number): Promise<void> {
    await this.#ask(addSql, [id, url, report.outcome, JSON.stringify(report), submittedAt, keepDays])
  }

  async page({ limit, after, outcome }: PageQuery): Promise<ChecksPage> {
    const [rows, counted] = await Promise.all([
      this.#ask<Row>(pageSql, [after ?? null, outcome ?? null, limit + 1]),
      this.#ask<{ readonly total: number }>(countSql, [outcome ?? null]),
    ])
    const page = rows.slice(0, limit)
    return {
      checks: page.map((row) => ({
        id: row.id,
        url: row.url,
        submittedAt: row.submitted_at.toISOString(),
        finishedAt: row.finished_at.toISOString(),
        ...row.report,
      })),
      next: rows.length > limit ? page.at(-1)!.seq : null,
      total: counted[0]!.total,
    }
  }

  async isReachable(): Promise<boolean> {
    await this.#ask('select 1')
    return true
  }

  async #ask<R extends object>(sql: string, values?: readonly unknown[]): Promise<R[]> {
    try {
      const { rows } = await this.#pool.query<R>(sql.replaceAll('url_checker', this.#schema), values?.slice())
      return rows
    } catch (error) {
      // A server that answers says itself whether it will pass; without an answer, it is away.
      if (error instanceof DatabaseError && !PASSING.test(error.code ?? '')) throw error
      throw new BackendError('unavailable', 'checks', (error as Error).message, { cause: error })
    }
  }
}
