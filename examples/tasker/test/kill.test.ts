import { postgresStore } from '@jobport/postgres-adapter'
import { afterAll, expect, it } from 'vitest'
import type { Program } from './program.ts'
import { eventually, serverUrl, PATIENT, Stage } from './stage.ts'

const stage = new Stage()
afterAll(() => stage[Symbol.asyncDispose]())

/** Holds all who write to tables until it is called off. */
async function hold(...tables: readonly string[]): Promise<() => Promise<void>> {
  const client = await stage.database.connect()
  await client.query('begin')
  await client.query(`lock table ${tables.join(', ')} in share mode`)
  return async () => {
    await client.query('rollback')
    client.release()
  }
}

/** Kills a program, and what it has asked of the database and not been answered: a server would carry that out all the same. */
async function lose(program: Program): Promise<void> {
  await program.kill()
  await stage.database.query(
    `select pg_terminate_backend(l.pid) from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
     where not l.granted and n.nspname like $1 || '%'`,
    [stage.schema],
  )
}

/** Waits until somebody waits for a lock that we hold. */
const isHeld = (table: string) =>
  eventually(async () => {
    const { rowCount } = await stage.database.query(
      `select from pg_locks where not granted and relation = $1::regclass`,
      [table],
    )
    if (rowCount === 0) throw new Error(`nobody waits for ${table}`)
  })

it(
  'a controller that is killed loses nothing: before its answer is kept, and between that and the end of its job',
  { timeout: PATIENT },
  async () => {
    await stage.start('api')
    const first = await stage.start('controller')

    const letGoOfAnswers = await hold('answers')
    const { rid } = await stage.process('mult3', { first: 2, second: 3, third: 4 })
    await isHeld('answers')
    expect((await stage.requests())[rid]).toMatchObject({ state: 'active' })
    await lose(first)
    await letGoOfAnswers()
    const second = await stage.start('controller')
    expect(await stage.becomes(rid, 'completed')).toMatchObject({ result: 24 })

    const tables = await stage.database.query<{ readonly name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = $1`,
      [`${stage.schema}_jobs`],
    )
    const letGoAgain = await hold('answers')
    const other = await stage.process('mult3', { first: 3, second: 4, third: 5 })
    await isHeld('answers')
    const letGoOfJobs = await hold(...tables.rows.map(({ name }) => name))
    await letGoAgain()
    // Its answer is kept and can be read, its job is not over.
    expect(await stage.becomes(other.rid, 'completed')).toMatchObject({ result: 60 })
    await lose(second)
    await letGoOfJobs()
    await stage.start('controller')
    const { rows } = await stage.database.query(
      `select params, answer from answers where task = 'mult3' order by computed_at`,
    )
    expect(rows).toEqual([
      { params: { first: 2, second: 3, third: 4 }, answer: 24 },
      { params: { first: 3, second: 4, third: 5 }, answer: 60 },
    ])
    await using jobs = await openStore()
    await eventually(async () => {
      const records = await jobs.find([rid, other.rid])
      expect(records).toMatchObject([
        { state: 'completed', result: '24', attempt: 2 },
        { state: 'completed', result: '60', attempt: 2 },
      ])
    })
  },
)

/** What jobport remembers. */
async function openStore() {
  const store = postgresStore({ url: serverUrl('POSTGRES_URL'), schema: `${stage.schema}_jobs` })
  await store.open()
  return { find: store.inspect.find.bind(store.inspect), [Symbol.asyncDispose]: () => store.close() }
}
