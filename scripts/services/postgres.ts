import { execFile } from 'node:child_process'
import { chownSync, existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import type { Service } from './service.ts'
import { unprivileged } from './unprivileged.ts'

const execute = promisify(execFile)
const debianFolder = '/usr/lib/postgresql'

export const postgres: Service = {
  name: 'postgres',
  variable: 'POSTGRES_URL',
  // initdb and postgres lie beside each other; Debian keeps both off the PATH.
  get binary() {
    return { name: 'initdb', folders: debianFolders() }
  },
  debian: 'postgresql',
  docker: { image: 'postgres:17', port: 5432, arguments: ['--env', 'POSTGRES_HOST_AUTH_METHOD=trust'] },
  // SIGTERM would wait for the clients to leave.
  stop: 'SIGINT',
  // Its backends are processes that would outlive it; this kills them without a checkpoint, and the log is replayed at the next start.
  crash: 'SIGQUIT',
  async prepare({ binary, folder, port }) {
    const user = unprivileged('Postgres')
    if (user) chownSync(folder, user.uid, user.gid)
    const data = join(folder, 'data')
    const cluster = ['--pgdata', data, '--username', 'postgres', '--auth', 'trust', '--encoding', 'UTF8', '--no-sync']
    await execute(binary, [...cluster, '--locale', 'C'], { cwd: folder, ...user })
    const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=200', '-k', folder]
    const args = ['-D', data, '-p', `${port}`, ...settings]
    return [{ command: join(dirname(binary), 'postgres'), args, ...user }]
  },
  url: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
  async ping(url) {
    const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: 5_000 })
    client.on('error', () => {})
    await client.connect()
    try {
      await client.query('select 1')
    } finally {
      await client.end()
    }
  },
}

/** Newest version first. */
function debianFolders(): string[] {
  if (!existsSync(debianFolder)) return []
  const versions = readdirSync(debianFolder).toSorted((a, b) => Number(b) - Number(a))
  return versions.map((version) => join(debianFolder, version, 'bin'))
}
