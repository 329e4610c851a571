import type { Inspector, JobRecord } from '@jobport/core'
import { and, asc, eq } from 'drizzle-orm'
import type { Database } from '../database/database.ts'
import { answers, requests } from '../database/tables.ts'
import { stateOf, type RequestState } from './request-state.ts'

export interface Request {
  readonly id: string
  readonly client: string
  readonly task: string
  readonly params: object
  /** Whether its answer was known when it came. */
  readonly cached: boolean
}

export interface KnownRequest extends Request {
  readonly requestedAt: Date
  readonly became: RequestState
}

/** Records that are read in one call. */
const PAGE = 500

/** What was asked, and what became of it. */
export class Requests {
  readonly #database: Database
  readonly #inspect: Pick<Inspector, 'find'>

  constructor(database: Database, inspect: Pick<Inspector, 'find'>) {
    this.#database = database
    this.#inspect = inspect
  }

  async add(request: Request): Promise<void> {
    await this.#database.insert(requests).values(request)
  }

  /** All of a client, the oldest first. */
  async of(client: string): Promise<readonly KnownRequest[]> {
    const found = await requestsOf(this.#database, client)
    const jobs = await this.#jobs(found.filter(({ known }) => known === null).map(({ request }) => request.id))
    return found.map(({ request, known }) => ({
      ...request,
      became: stateOf(known ?? undefined, jobs.get(request.id)),
    }))
  }

  async #jobs(ids: readonly string[]): Promise<ReadonlyMap<string, JobRecord>> {
    const jobs = new Map<string, JobRecord>()
    for (let from = 0; from < ids.length; from += PAGE) {
      const records = await this.#inspect.find(ids.slice(from, from + PAGE))
      for (const record of records) if (record !== undefined) jobs.set(record.id, record)
    }
    return jobs
  }
}

/** A request belongs to the answer of the same question, whoever asked it first. */
export function requestsOf(database: Database, client: string) {
  return database
    .select({ request: requests, known: { answer: answers.answer } })
    .from(requests)
    .leftJoin(answers, and(eq(answers.task, requests.task), eq(answers.params, requests.params)))
    .where(eq(requests.client, client))
    .orderBy(asc(requests.requestedAt))
}
