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
create table if not exists job (id bigint generated always as identity primary key, payload text not null, claimed boolean not null default false);
create index if not exists job_waiting on job (id) where not claimed`

const INSERT = { name: 'insert', text: 'insert into job (payload) select unnest($1::text[])' }

/** Removes what was handled, then claims. */
const TAKE = {
  name: 'take',
  text: `
with done as (delete from job where id = any($1::bigint[]))
update job set claimed = true
where ctid = any(array(select ctid from job where not claimed order by id limit $2 for update skip locked))
returning id, payload`,
}

interface Row {
  readonly id: string
  readonly payload: string
}

/** No queue: bare statements on one table, the fewest that a claim and a settlement need. */
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
    configuration: `one table, ${BATCH} rows a statement, ${CONNECTIONS} connections; no leases, retries or state`,
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
      const { rows } = await pool.query<{ count: string }>('select count(*) from job')
      return Number(rows[0]!.count)
    },
    close: () => pool.end(),
  }
}
