#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { failure } from './connection/failure.ts'
import { migrate, plan, roles } from './plan.ts'

const USAGE = `jobport-postgres plan [--roles]   prints the SQL that a migration would run
jobport-postgres migrate [--roles] runs it

  --url     connection string; default: the environment variable DATABASE_URL
  --schema  where the tables are; default: jobport
  --store   the schema is the memory of a broker; default schema: jobport_store
  --roles   the roles too: <schema>_viewer, <schema>_producer, <schema>_worker`

const OPTIONS = {
  url: { type: 'string' },
  schema: { type: 'string' },
  store: { type: 'boolean', default: false },
  roles: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

process.exitCode = await run()

/** Answers the exit code: 2 when the command was not understood. */
async function run(): Promise<number> {
  let given
  try {
    given = parseArgs({ allowPositionals: true, options: OPTIONS })
  } catch (error) {
    return refuse((error as Error).message)
  }
  const { values, positionals } = given
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const url = values.url ?? process.env['DATABASE_URL']
  const [verb, ...more] = positionals
  if (more.length > 0 || (verb !== 'plan' && verb !== 'migrate')) return refuse('give one of plan and migrate')
  if (url === undefined) return refuse('give --url, or set DATABASE_URL')
  const schema = values.schema ?? (values.store ? 'jobport_store' : 'jobport')
  const options = { url, schema, store: values.store }
  try {
    if (verb === 'plan') {
      console.log(await plan(options))
      if (values.roles) console.log(roles({ schema }))
    } else {
      await migrate(options)
      if (values.roles) await makeRoles(url, schema)
      console.log(`The tables in schema ${schema} are up to date${values.roles ? ', and its roles are there' : ''}.`)
    }
    return 0
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return 1
  }
}

function refuse(problem: string): number {
  console.error(`${problem}\n\n${USAGE}`)
  return 2
}

async function makeRoles(url: string, schema: string): Promise<void> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url })
  try {
    await client.connect()
    await client.query(roles({ schema }))
  } catch (error) {
    throw failure(error)
  } finally {
    await client.end().catch(() => {})
  }
}
