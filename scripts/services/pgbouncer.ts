import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answer } from './answer.ts'
import { freePort } from './free-port.ts'
import { KeeperClient } from './keeper-client.ts'
import { locate } from './locate.ts'
import { postgres } from './postgres.ts'
import type { Service } from './service.ts'
import { unprivileged } from './unprivileged.ts'

const name = 'pgbouncer'

/** A pooler that tests have put in front of a Postgres server. */
export interface Pooler {
  readonly url: string
  stop(): Promise<void>
}

/**
 * Starts pgbouncer in transaction mode in front of a server, with few enough connections that clients share them. They do not get old: tests make and drop
 * hundreds of schemas, and a session looks through what it remembers of all of them each time.
 */
export async function startPgbouncer(server: string): Promise<Pooler> {
  const keeper = await KeeperClient.create()
  try {
    const port = await freePort()
    const found = await locate(service, port)
    if ('run' in found) throw new Error('pgbouncer is not installed.')
    const user = unprivileged(name)
    const file = join(keeper.folder, 'pgbouncer.ini')
    writeFileSync(file, configuration(new URL(server), port))
    if (user) chownSync(file, user.uid, user.gid)
    await keeper.start(service, { command: found.binary, args: [file], ...user })
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`
    await answer(service, url, () => keeper.problem(name))
    return { url, stop: () => keeper.stop() }
  } catch (error) {
    await keeper.stop()
    throw error
  }
}

const service = {
  name,
  variable: 'PGBOUNCER_URL',
  binary: { name, folders: ['/usr/sbin'] },
  debian: 'pgbouncer',
  prepare: () => [],
  url: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
  ping: postgres.ping,
} satisfies Service

function configuration({ hostname, port }: URL, listen: number): string {
  return `[databases]
* = host=${hostname} port=${port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 500
default_pool_size = 8
server_lifetime = 2
`
}
