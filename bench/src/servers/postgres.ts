import { readFileSync, readdirSync } from 'node:fs'
import pg from 'pg'
import type { ConnectServer } from '../server.ts'

const DATABASE = 'bench'
/** Of the clock in which Linux counts CPU time, in every build there is. */
const TICKS_PER_SECOND = 100

/** The database that each system gets anew, on the suite's own server. */
export function postgresUrl(): string {
  const url = new URL(process.env['POSTGRES_URL']!)
  url.pathname = DATABASE
  return url.href
}

export const connectPostgres: ConnectServer = async () => {
  const admin = new pg.Client({ connectionString: process.env['POSTGRES_URL']! })
  await admin.connect()
  const version = (await one<string>(admin, 'show server_version')).split(' ')[0]
  const settings = await one<string>(
    admin,
    `select string_agg(name || '=' || setting, ', ' order by name) from pg_settings
     where name in ('fsync', 'synchronous_commit', 'full_page_writes')`,
  )
  const server = Number(await one<string>(admin, `select split_part(pg_read_file('postmaster.pid'), e'\\n', 1)`))
  return {
    description: `PostgreSQL ${version} as it comes: ${settings}`,
    async reset() {
      await admin.query(`drop database if exists ${DATABASE} with (force)`)
      await admin.query(`create database ${DATABASE}`)
      // What the last system wrote is on disk before the next is measured.
      await admin.query('checkpoint')
    },
    bytes: () =>
      inDatabase(async (client) =>
        Number(await one(client, 'select coalesce(sum(pg_total_relation_size(relid)), 0) from pg_stat_user_tables')),
      ),
    compact: () =>
      inDatabase(async (client) => {
        const { rows } = await client.query<{ name: string }>(
          'select relid::regclass::text as name from pg_stat_user_tables',
        )
        for (const { name } of rows) await client.query(`vacuum full ${name}`)
      }),
    cpuSeconds: async () => cpuSecondsOf(server),
    close: () => admin.end(),
  }
}

async function one<T>(client: pg.Client, text: string): Promise<T> {
  return Object.values((await client.query(text)).rows[0] as Record<string, unknown>)[0] as T
}

async function inDatabase<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: postgresUrl() })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Of a process, its children and those it has outlived. Undefined where there is no /proc, or the process is elsewhere. */
function cpuSecondsOf(process: number): number | undefined {
  try {
    const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    const family = all.map(timesOf).filter((times) => times?.process === process || times?.parent === process)
    if (family.length === 0) return undefined
    return family.reduce((sum, times) => sum + times!.ticks, 0) / TICKS_PER_SECOND
  } catch {
    return undefined
  }
}

function timesOf(process: string): { process: number; parent: number; ticks: number } | undefined {
  try {
    // man 5 proc. The name, in brackets, may contain spaces.
    const fields = readFileSync(`/proc/${process}/stat`, 'latin1').split(') ')[1]!.split(' ')
    const [parent, ...ticks] = [1, 11, 12, 13, 14].map((index) => Number(fields[index]))
    return { process: Number(process), parent: parent!, ticks: ticks.reduce((sum, each) => sum + each, 0) }
  } catch {
    // It has ended in between.
    return undefined
  }
}
