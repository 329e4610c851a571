import pg from 'pg'
import type { Input } from '../input.ts'
import { postgresUrl } from '../servers/postgres.ts'
import type { CreateSystem } from '../system.ts'
import { versionsOf } from '../versions.ts'

/** Rows of a statement. */
const BATCH = 1000
/** Statements at once: two busy connections keep the server busy. */
const CONNECTIONS = 2

const CREATE = `
create table if not exists waiting (id bigint generated always as identity primary key, payload text not null);
create table if not exists claimed (id bigint primary key, payload text not null)`

const INSERT = { name: 'insert', text: 'insert into waiting (payload) select unnest($1::text[])' }

/**
 * Removes what was handled, then claims. A claim moves rows: in one table with a mark, a statement locks for a moment also rows that another process has just
 * marked, while that process wants to remove them, and the two wait for each other.
 */
const TAKE = {
  name: 'take',
  text: `
with done as (delete from claimed where id = any($1::bigint[])), taken as (
  delete from waiting
  where ctid = any(array(select ctid from waiting order by id limit $2 for update skip locked))
  returning id, payload
)
insert into claimed select id, payload from taken
returning id, payload`,
}

interface Row {
  readonly id: string
  readonly payload: string
}

/** No queue: bare statements on two tables, the fewest that a claim and a settlement need. */
export const create: CreateSystem = () => {
  const pool = new pg.Pool({ connectionString: postgresUrl(), max: CONNECTIONS })
  let waiting: Input[] = []
  let busy = 0
  let flushed = Promise.withResolvers<void>()

  const store = (inputs: readonly Input[]): Promise<unknown> =>
    pool.query({ ...INSERT, values: [inputs.map((input) => JSON.stringify(input))] })
  /** Sends while a connection is free, and collects while none is. */
  const flush = (): void => {
    if (busy === CONNECTIONS || waiting.length === 0) return
    const batch = waiting
    const { resolve, reject } = flushed
    waiting = []
    flushed = Promise.withResolvers()
    busy++
    store(batch)
      .then(() => resolve(), reject)
      .finally(() => {
        busy--
        flush()
      })
  }

  return {
    configuration: `two tables, ${BATCH} rows a statement, ${CONNECTIONS} connections; no leases, retries or state`,
    versions: versionsOf('pg'),
    async prepare() {
      await pool.query(CREATE)
    },
    enqueueOne(input) {
      if (waiting.push(input) === 1) process.nextTick(flush)
      return flushed.promise
    },
    async enqueueMany(inputs) {
      await store(inputs)
    },
    async work(concurrency, handle) {
      const work = async (): Promise<void> => {
        let done: readonly string[] = []
        for (;;) {
          const { rows } = await pool.query<Row>({ ...TAKE, values: [done, BATCH] })
          if (rows.length === 0) return
          const inputs = JSON.parse(`[${rows.map(({ payload }) => payload).join()}]`) as Input[]
          for (let from = 0; from < inputs.length; from += concurrency) {
            await Promise.all(inputs.slice(from, from + concurrency).map(handle))
          }
          done = rows.map(({ id }) => id)
        }
      }
      const all = Promise.all(Array.from({ length: CONNECTIONS }, work))
      return {
        async settled() {
          await all
        },
        stop: async () => {},
      }
    },
    async unfinished() {
      const { rows } = await pool.query<{ count: string }>(
        'select (select count(*) from waiting) + (select count(*) from claimed) as count',
      )
      return Number(rows[0]!.count)
    },
    close: () => pool.end(),
  }
}
