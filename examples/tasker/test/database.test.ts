import { randomBytes } from 'node:crypto'
import { afterAll, expect, it } from 'vitest'
import { openDatabase } from '../src/database/database.ts'
import { requestsOf } from '../src/requests/requests.ts'
import { serverUrl } from './stage.ts'

const schema = `tasker_${randomBytes(5).toString('hex')}`
const open = () => openDatabase({ url: serverUrl('POSTGRES_URL'), schema, warn: () => {} })

// Ten programs that start at the same moment, on a database that has nothing yet.
const opened = await Promise.all(Array.from({ length: 10 }, open))
const { database } = opened[0]!
afterAll(async () => {
  await database.execute('set client_min_messages = error')
  await database.execute(`drop schema ${schema} cascade`)
  await Promise.all(opened.map(({ close }) => close()))
})

it('programs that start at once make the tables together', async () => {
  const { rows } = await database.execute(
    `select tablename from pg_tables where schemaname = '${schema}' order by tablename`,
  )
  expect(rows.map(({ tablename }) => tablename)).toEqual(['answers', 'heartbeats', 'requests', 'suspensions'])
})

it('the requests of a client are found by the index, whatever other clients have asked', async () => {
  await database.execute(`
    insert into requests (id, client_name, task, params, cached)
    select gen_random_uuid(), 'client ' || n % 1000, 'sum2', jsonb_build_object('first', n, 'second', 1), false
    from generate_series(1, 20000) n`)
  await database.execute('analyze requests, answers')
  const { sql, params } = requestsOf(database, 'client 7').toSQL()
  const text = sql.replace('$1', `'${String(params[0])}'`)
  const { rows } = await database.execute(`explain (format text) ${text}`)
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  expect(plan).toMatch(/(Index|Bitmap Index) Scan (using|on) requests_of_client/)
  expect(plan).not.toContain('Seq Scan on requests')
})
