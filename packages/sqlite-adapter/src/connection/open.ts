import { BackendError } from '@jobport/core/adapter'
import { realpathSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { NAME } from '../limits.ts'
import type { Settings } from '../options.ts'
import { Connection } from './connection.ts'

/** Pages of the write-ahead log after which a commit moves them into the file: 16 MiB. More would make reads slow, fewer every page be written twice as often. */
const CHECKPOINT_PAGES = 4_000

/** `statfs` types of file systems that other machines can write to. SQLite's locks and shared memory do not work there. */
const REMOTE: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
])

/** A connection with the settings that the adapter relies on. */
export function connect(settings: Settings): Connection {
  if (settings.database !== undefined) return checked(Connection.of(settings.database))
  const file = settings.file!
  if (file !== ':memory:') refuseRemote(file)
  const on = Connection.of(new DatabaseSync(file))
  try {
    // Waiting for a lock inside SQLite would stop the event loop, and with it whoever holds the lock in this process.
    on.database.exec('pragma busy_timeout = 0')
    on.database.exec(`pragma synchronous = ${settings.synchronous}`)
    on.database.exec(`pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    on.database.exec('pragma cache_size = -65536')
    on.database.exec('pragma temp_store = memory')
    // Cuts the log back to size after it had to grow, for a long reader or a large transaction.
    on.database.exec('pragma journal_size_limit = 67108864')
    if (file !== ':memory:') {
      const mode = on.value('pragma journal_mode = wal')
      if (mode !== 'wal')
        throw new BackendError(
          'unsupported',
          NAME,
          `${file} cannot have a write-ahead log (it stays in mode ${mode}); put it on a local disk`,
        )
    }
    return on
  } catch (error) {
    disconnect(on)
    throw error
  }
}

export function disconnect(on: Connection): void {
  on.forget()
  on.database.close()
}

/** Path of the main file of a connection; empty in memory. */
export function pathOf(on: Connection): string {
  const main = on.all('pragma database_list').find(([, name]) => name === 'main')
  const path: string = main?.[2] ?? ''
  return path === '' ? '' : realpathSync(path)
}

function checked(on: Connection): Connection {
  const mode = on.value('pragma journal_mode')
  if (mode === 'wal' || mode === 'memory') return on
  throw new BackendError(
    'unsupported',
    NAME,
    `the connection is in journal mode ${mode}; run \`pragma journal_mode = wal\` on it first`,
  )
}

function refuseRemote(file: string): void {
  const type = fileSystemOf(dirname(file))
  const name = type === undefined ? undefined : REMOTE.get(type)
  if (name === undefined) return
  throw new BackendError(
    'unsupported',
    NAME,
    `${file} is on a network file system (${name}), where SQLite's locks do not hold; put it on a local disk`,
  )
}

function fileSystemOf(folder: string): number | undefined {
  try {
    return statfsSync(folder).type
  } catch {
    return undefined
  }
}
