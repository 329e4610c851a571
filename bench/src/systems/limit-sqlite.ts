import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Input } from '../input.ts'
import type { CreateSystem } from '../system.ts'

/** Rows in a transaction: as many as a batch of ours may have. */
const BATCH = 1000

interface Row {
  readonly id: number
  readonly payload: string
}

/** No queue: bare statements on one table, the fewest that a claim and a settlement need. */
export const create: CreateSystem = ({ directory }) => {
  const database = new DatabaseSync(join(directory, 'limit.sqlite'))
  database.exec('pragma journal_mode = wal; pragma synchronous = full')
  database.exec('create table job (id integer primary key, payload text not null, claimed integer not null) strict')
  const insert = database.prepare('insert into job (payload, claimed) values (?, 0)')
  const select = database.prepare('select id, payload from job where claimed = 0 order by id limit ?')
  const claim = database.prepare('update job set claimed = 1 where id = ?')
  const remove = database.prepare('delete from job where id = ?')
  const count = database.prepare('select count(*) as jobs from job')
  const begin = database.prepare('begin immediate')
  const commit = database.prepare('commit')
  let waiting: { readonly input: Input; readonly stored: () => void }[] = []

  const inTransaction = (work: () => void): void => {
    begin.run()
    work()
    commit.run()
  }
  const store = (inputs: readonly Input[]): void => {
    for (let from = 0; from < inputs.length; from += BATCH) {
      inTransaction(() => {
        for (const input of inputs.slice(from, from + BATCH)) insert.run(JSON.stringify(input))
      })
    }
  }
  const flush = (): void => {
    const batch = waiting
    waiting = []
    store(batch.map(({ input }) => input))
    for (const { stored } of batch) stored()
  }

  return {
    configuration: `one table, bare statements, ${BATCH} rows a transaction; WAL, synchronous=FULL; no ids, leases, retries or state`,
    versions: { sqlite: process.versions.sqlite ?? '' },
    prepare: async () => {},
    enqueueOne: (input) =>
      new Promise<void>((stored) => {
        if (waiting.push({ input, stored }) === 1) process.nextTick(flush)
      }),
    enqueueMany: async (inputs) => store(inputs),
    async work(concurrency, handle) {
      const work = async (): Promise<void> => {
        for (;;) {
          let rows: Row[] = []
          inTransaction(() => {
            rows = select.all(BATCH) as unknown as Row[]
            for (const { id } of rows) claim.run(id)
          })
          if (rows.length === 0) return
          for (let from = 0; from < rows.length; from += concurrency) {
            const started = rows.slice(from, from + concurrency)
            await Promise.all(started.map(({ payload }) => handle(JSON.parse(payload) as Input)))
          }
          inTransaction(() => {
            for (const { id } of rows) remove.run(id)
          })
        }
      }
      const done = work()
      return { settled: () => done, stop: async () => {} }
    },
    unfinished: async () => (count.get() as { readonly jobs: number }).jobs,
    close: async () => database.close(),
  }
}
