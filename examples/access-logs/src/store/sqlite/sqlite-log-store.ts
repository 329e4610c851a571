import { DatabaseSync } from 'node:sqlite'
import type { Archive, Count, CountQuery, Imported, LoadOptions, LogStore, Unpacked } from '../log-store.ts'
import { load } from './load.ts'
import countsSql from './sql/counts.sql'
import findFile from './sql/find-file.sql'
import schemaSql from './sql/schema.sql'
import { transaction } from './transaction.ts'

/** How long a call waits while another connection writes. Nobody writes for long. */
const BUSY_TIMEOUT = 10_000
/** What the limit of a query takes for all. */
const ALL = -1

/** In the file that has the jobs as well, so that a file's lines and its job's outcome are one commit. */
export class SqliteLogStore implements LogStore {
  readonly #file: string
  #opened: DatabaseSync | undefined

  constructor(file: string) {
    this.#file = file
  }

  async open(): Promise<void> {
    const database = new DatabaseSync(this.#file)
    this.#opened = database
    database.exec(`pragma busy_timeout = ${BUSY_TIMEOUT}; pragma journal_mode = wal`)
    await transaction(database, () => database.exec(schemaSql))
  }

  async close(): Promise<void> {
    this.#opened?.close()
    this.#opened = undefined
  }

  async find(sha256: string): Promise<Imported | undefined> {
    const row = this.#database.prepare(findFile).get(sha256)
    return row === undefined ? undefined : ({ ...row } as unknown as Imported)
  }

  /** On a connection of its own: one has one transaction at a time. */
  async load(archive: Archive, unpacked: Unpacked, options: LoadOptions): Promise<Imported> {
    const database = new DatabaseSync(this.#file)
    try {
      database.exec(`pragma busy_timeout = ${BUSY_TIMEOUT}`)
      return await load(database, archive, unpacked, options)
    } finally {
      database.close()
    }
  }

  async counts({ from, to, top }: CountQuery): Promise<readonly Count[]> {
    const rows = this.#database.prepare(countsSql).all(from, to, top ?? ALL)
    return rows.map((row) => ({ ...row }) as unknown as Count)
  }

  get #database(): DatabaseSync {
    if (this.#opened === undefined) throw new Error('the database is not open')
    return this.#opened
  }
}
