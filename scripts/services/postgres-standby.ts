import { execFile } from 'node:child_process'
import { chown, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { answer } from './answer.ts'
import { freePort } from './free-port.ts'
import { KeeperClient } from './keeper-client.ts'
import { locate } from './locate.ts'
import { postgres } from './postgres.ts'
import { unprivileged } from './unprivileged.ts'

const execute = promisify(execFile)

/** A server that follows another, and refuses writes until it is promoted. */
export interface PostgresStandby {
  readonly url: string
  /** It follows nobody any more, and takes writes. */
  promote(): Promise<void>
  stop(): Promise<void>
}

/** Starts a hot standby of a server, and resolves when it answers. */
export async function startPostgresStandby(primary: string): Promise<PostgresStandby> {
  const keeper = await KeeperClient.create()
  try {
    const port = await freePort()
    const found = await locate(postgres, port)
    if (!('binary' in found)) throw new Error('A standby needs a postgres that is installed.')
    const programs = dirname(found.binary)
    const user = unprivileged('Postgres')
    const folder = join(keeper.folder, 'standby')
    await mkdir(folder, { mode: 0o700 })
    if (user) await chown(folder, user.uid, user.gid)
    const data = join(folder, 'data')
    const copy = ['--dbname', primary, '--pgdata', data, '--write-recovery-conf', '--checkpoint=fast', '--no-sync']
    await execute(join(programs, 'pg_basebackup'), copy, { cwd: folder, ...user })
    const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=200', '-k', folder]
    await keeper.start(postgres, {
      command: join(programs, 'postgres'),
      args: ['-D', data, '-p', `${port}`, ...settings],
      ...user,
    })
    const url = postgres.url(port)
    await answer(postgres, url, () => keeper.problem(postgres.name))
    return { url, promote: () => promote(url), stop: () => keeper.stop() }
  } catch (error) {
    await keeper.stop()
    throw error
  }
}

async function promote(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('select pg_promote()')
  } finally {
    await client.end()
  }
}
