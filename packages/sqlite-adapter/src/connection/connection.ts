import type { DatabaseSync, StatementSync, SQLInputValue } from 'node:sqlite'

/** The values of a row in the order of the columns. */
export type Row = readonly Value[]
export type Value = any

/** How a connection is asked: statements are prepared once and their rows are arrays, half as dear as objects. */
export class Connection {
  static readonly #known = new WeakMap<DatabaseSync, Connection>()

  readonly database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  /** Node gives rows as arrays from 22.16 on. */
  #plain: boolean | undefined

  constructor(database: DatabaseSync) {
    this.database = database
  }

  /** The one of a connection that is used again and again: its statements stay prepared. */
  static of(database: DatabaseSync): Connection {
    let connection = Connection.#known.get(database)
    if (connection === undefined) Connection.#known.set(database, (connection = new Connection(database)))
    return connection
  }

  /** How many rows were changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return this.#statement(sql).run(...values).changes as number
  }

  /** As `run`; the number of the row that was inserted. */
  insert(sql: string, ...values: SQLInputValue[]): number {
    return this.#statement(sql).run(...values).lastInsertRowid as number
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    const row = this.#statement(sql).get(...values) as Row | undefined
    return row === undefined || this.#plain === true ? row : Object.values(row)
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    const rows = this.#statement(sql).all(...values) as unknown as Row[]
    return this.#plain === true ? rows : rows.map((row) => Object.values(row))
  }

  /** The only value of the only row. */
  value(sql: string, ...values: SQLInputValue[]): Value {
    return this.get(sql, ...values)?.[0]
  }

  /** Whether the caller has a transaction open. Node says so from 22.16 on; `undefined` before. */
  get inTransaction(): boolean | undefined {
    return 'isTransaction' in this.database ? this.database.isTransaction : undefined
  }

  /** Forgets the statements, which ends with the connection. */
  forget(): void {
    this.#statements.clear()
    Connection.#known.delete(this.database)
  }

  #statement(sql: string): StatementSync {
    return this.#statements.get(sql) ?? this.#prepare(sql)
  }

  #prepare(sql: string): StatementSync {
    const statement = this.database.prepare(sql)
    this.#plain ??= 'setReturnArrays' in statement
    if (this.#plain) (statement as StatementSync & { setReturnArrays(on: boolean): void }).setReturnArrays(true)
    // A connection of the application may have other defaults.
    statement.setReadBigInts(false)
    this.#statements.set(sql, statement)
    return statement
  }
}
