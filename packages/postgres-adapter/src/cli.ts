#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { migrate, plan, roles } from './plan.ts'

const USAGE = `jobport-postgres plan [--roles]   prints the SQL that a migration would run
jobport-postgres migrate [--roles] runs it

  --url     connection string; default: the environment variable DATABASE_URL
  --schema  where the tables are; default: jobport
  --store   the schema is the memory of a broker; default schema: jobport_store
  --roles   the roles too: <schema>_viewer, <schema>_producer, <schema>_worker`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string' },
    schema: { type: 'string' },
    store: { type: 'boolean', default: false },
    roles: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const url = values.url ?? process.env['DATABASE_URL']
const [verb] = positionals
const schema = values.schema ?? (values.store ? 'jobport_store' : 'jobport')
const options = { url: url ?? '', schema, store: values.store }

if (values.help || url === undefined || (verb !== 'plan' && verb !== 'migrate')) {
  console.error(USAGE)
  process.exitCode = values.help ? 0 : 2
} else {
  try {
    if (verb === 'plan') {
      console.log(await plan(options))
      if (values.roles) console.log(roles({ schema }))
    } else {
      await migrate(options)
      if (values.roles) await grantRoles()
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}

async function grantRoles(): Promise<void> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(roles({ schema }))
  } finally {
    await client.end()
  }
}
