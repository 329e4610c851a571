import { migrate, roles } from '../src/index.ts'
import { dropSchema, serverUrl, withClient } from './harness.ts'

/** A login that is a member of one role of a schema, and nothing else. */
export async function login(schema: string, role: string): Promise<string> {
  const name = `${schema}_as_${role}`
  await withClient(async (client) => {
    await client.query(`create role "${name}" login in role "${schema}_${role}"`)
    await client.query('revoke create on schema public from public')
  })
  const url = new URL(serverUrl())
  url.username = name
  return url.href
}

/** Drops a schema, its roles and their logins. */
export async function forgetRoles(schema: string): Promise<void> {
  await dropSchema(schema)
  await withClient(async (client) => {
    const { rows } = await client.query<{ name: string }>(
      'select rolname as name from pg_roles where rolname like $1',
      [`${schema}\\_%`],
    )
    for (const { name } of rows) await client.query(`drop role "${name}"`)
  })
}

/** A schema with its roles, made by its owner. */
export async function prepared(schema: string, store = false): Promise<void> {
  await migrate({ url: serverUrl(), schema, store })
  await withClient((client) => client.query(roles({ schema })))
}
