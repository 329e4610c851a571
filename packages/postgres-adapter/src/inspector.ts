import {
  BackendError,
  type Finished,
  type Inspector,
  type JobId,
  type JobRecord,
  type ListQuery,
  type Page,
  type QueueCounts,
} from '@jobport/core/adapter'
import { statement } from './connection/statements.ts'
import type { Row } from './connection/session.ts'
import { NAME } from './limits.ts'
import type { Live } from './live.ts'
import countsSql from './sql/queries/counts.sql'
import queuesSql from './sql/queries/queues.sql'
import recordsSql from './sql/queries/records.sql'
import { plainArray } from './wire/array.ts'
import { keyOf } from './wire/key.ts'
import { recordOf, STATES } from './wire/record.ts'

const FIND = recordsSql.replace('/* wanted */', 'j.key = any ($1)')
const LIST = recordsSql.replace(
  '/* wanted */',
  `j.key = any (array(select o.key from jobport.matching(
    (select q.no from jobport.queues q where q.name = $1), $2,
    case when $3::text is not null then coalesce(
      (select k.no from jobport.kinds k join jobport.queues q on q.no = k.queue where q.name = $1 and k.name = $3), 0
    ) end, $4, $5) s cross join jobport.job_at(s) o))`,
)

/** Reads the jobs of a backend; `opened` refuses while it is not open. */
export class PostgresInspector implements Inspector {
  readonly #opened: () => Pick<Live, 'line' | 'settings' | 'news'>

  constructor(opened: () => Pick<Live, 'line' | 'settings' | 'news'>) {
    this.#opened = opened
  }

  async find(ids: readonly JobId[]): Promise<readonly (JobRecord | undefined)[]> {
    const rows = await this.#ask('find', FIND, [plainArray(ids.map(keyOf))])
    const records = new Map(rows.map((row) => recordOf(row)).map((record) => [record.id, record]))
    return ids.map((id) => records.get(id))
  }

  async list({ queue, state, name, limit, after }: ListQuery): Promise<Page> {
    const from = sequenceAfter(after)
    if (limit <= 0) return { jobs: [], next: from }
    const rows = await this.#ask('list', LIST, [queue, STATES[state], name ?? null, from, limit + 1])
    const page = rows.slice(0, limit)
    const jobs = page.map((row) => recordOf(row))
    return rows.length > limit ? { jobs, next: String(page.at(-1)![0]) } : { jobs }
  }

  async counts(queue: string): Promise<QueueCounts> {
    const [row] = await this.#ask('counts', countsSql, [queue])
    const [waiting = 0, scheduled = 0, active = 0, completed = 0, dead = 0, cancelled = 0, oldest = 0] = (
      row ?? []
    ).map(Number)
    return {
      waiting,
      scheduled,
      active,
      completed,
      dead,
      cancelled,
      oldest: Math.max(0, oldest),
      paused: row?.[7] === 't',
    }
  }

  async queues(): Promise<readonly string[]> {
    const rows = await this.#ask('queues', queuesSql, [])
    return rows.map(([name]) => name as string).toSorted()
  }

  async watch(listener: (finished: readonly Finished[]) => void): Promise<() => Promise<void>> {
    return this.#opened().news.watch(listener)
  }

  #ask(name: string, text: string, values: readonly (string | number | null)[]): Promise<Row[]> {
    const { line, settings } = this.#opened()
    return line.ask(statement(settings.schema, name, text), values)
  }
}

/** A cursor is the number of the last job that was read. */
function sequenceAfter(cursor: string | undefined): string {
  if (cursor === undefined) return '0'
  if (/^\d{1,15}$/.test(cursor)) return cursor
  throw new BackendError(
    'invalid',
    NAME,
    `${JSON.stringify(cursor)} is no cursor; give the \`next\` of the page before`,
  )
}
