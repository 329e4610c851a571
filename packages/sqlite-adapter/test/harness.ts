import type { Harness } from '@jobport/conformance'
import type { Backend } from '@jobport/core/adapter'
import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { sqliteBackend } from '../src/index.ts'

/** The suite on files: instances of one namespace have a connection each. */
export function fileHarness(path: (name: string) => string): Harness {
  const files = new WeakMap<Backend, string>()
  return {
    name: 'sqlite',
    durable: true,
    unit: 150,
    open(namespace) {
      const file = path(`${namespace}.db`)
      const backend = sqliteBackend({ file, warn: () => {} })
      files.set(backend, file)
      return backend
    },
    async cleanup(namespace) {
      for (const end of ['', '-wal', '-shm']) rmSync(path(`${namespace}.db${end}`), { force: true })
    },
    async footprint(namespace) {
      const database = new DatabaseSync(path(`${namespace}.db`), { readOnly: true })
      const rows = rowsOf(database)
      database.close()
      return rows
    },
    async transaction(backend, body) {
      const database = new DatabaseSync(files.get(backend)!)
      await committed(database, body).finally(() => database.close())
    },
  }
}

/** The suite in memory, on a connection that tests share with the backend. */
export function memoryHarness(): Harness {
  const databases = new Map<string, DatabaseSync>()
  const namespaces = new WeakMap<Backend, string>()
  const databaseOf = (namespace: string): DatabaseSync => {
    let database = databases.get(namespace)
    if (database === undefined) databases.set(namespace, (database = new DatabaseSync(':memory:')))
    return database
  }
  return {
    name: 'sqlite in memory',
    shared: false,
    open(namespace) {
      const backend = sqliteBackend({ database: databaseOf(namespace), warn: () => {} })
      namespaces.set(backend, namespace)
      return backend
    },
    async cleanup(namespace) {
      databases.get(namespace)?.close()
      databases.delete(namespace)
    },
    footprint: async (namespace) => rowsOf(databaseOf(namespace)),
    transaction: (backend, body) => committed(databaseOf(namespaces.get(backend)!), body),
  }
}

async function committed(database: DatabaseSync, body: (tx: unknown) => Promise<void>): Promise<void> {
  database.exec('begin immediate')
  try {
    await body(database)
  } catch (error) {
    database.exec('rollback')
    throw error
  }
  database.exec('commit')
}

/** Rows of all tables that hold jobs; the names of queues stay. */
export function rowsOf(database: DatabaseSync): number {
  const tables = database
    .prepare(
      "select name from sqlite_schema where type = 'table' and name like 'jobport_%' and name not in ('jobport_meta', 'jobport_queues')",
    )
    .all() as { name: string }[]
  return tables.reduce(
    (sum, { name }) => sum + (database.prepare(`select count(*) as rows from ${name}`).get()!['rows'] as number),
    0,
  )
}
