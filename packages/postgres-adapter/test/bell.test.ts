import type { Finished, NewJob, Settlement } from '@jobport/core/adapter'
import { createHash } from 'node:crypto'
import pg from 'pg'
import { afterEach, expect, it } from 'vitest'
import { postgresBackend, type PostgresBackend, type PostgresOptions } from '../src/index.ts'
import { dropSchema, serverUrl } from './harness.ts'

const schema = 'bell'
const channel = `jobport_${createHash('md5').update(`${schema}.q`).digest('hex').slice(0, 24)}`
const undo: (() => Promise<unknown>)[] = []
const never = new AbortController().signal

afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
  await dropSchema(schema)
})

async function opened(options: Pick<PostgresOptions, 'pollInterval'> = {}): Promise<PostgresBackend> {
  const backend = postgresBackend({ url: serverUrl(), schema, warn: () => {}, ...options })
  undo.push(() => backend.close())
  await backend.open()
  return backend
}

function jobOf(id: string): NewJob {
  return { id, queue: 'q', name: 'n', payload: '1', headers: {} }
}

it('rings for other clients, and not for the one that waits where the job was enqueued', async () => {
  const [one, other] = [await opened(), await opened()]
  const ear = new pg.Client({ connectionString: serverUrl() })
  undo.push(() => ear.end())
  await ear.connect()
  await ear.query(`listen "${channel}"`)
  let rung = 0
  const over = new Promise<void>((resolve) => {
    ear.on('notification', ({ payload }) => {
      if (payload === 'over') resolve()
      else rung++
    })
  })
  const waiting = one.claim({ queue: 'q', limit: 1, lease: 60_000, wait: 20_000 }, never)
  while ((await ear.query(`select from "${schema}".listeners`)).rowCount === 0);
  await one.enqueue([jobOf('a')])
  expect(await waiting).toHaveLength(1)
  // It has rung by then, if it ever does. That it listens is still noted down.
  await one.close()
  await other.enqueue([jobOf('b')])
  await other.close()
  await ear.query('select pg_notify($1, $2)', [channel, 'over'])
  await over
  expect(rung).toBe(1)
})

it('tells those who watch at once, also of what an exchange has settled that claims nothing', async () => {
  const backend = await opened({ pollInterval: '1h' })
  let tell: (finished: readonly Finished[]) => void
  const told = (): Promise<readonly Finished[]> => new Promise((resolve) => (tell = resolve))
  await backend.inspect.watch((finished) => tell(finished))
  await backend.enqueue([jobOf('a'), jobOf('b')])
  const jobs = await backend.claim({ queue: 'q', limit: 2, lease: 60_000, wait: 0 }, never)
  const [a, b] = jobs.map(({ lease }): Settlement => ({ lease, to: 'completed', keep: 60_000 }))
  let telling = told()
  await backend.settle([a!])
  expect(await telling).toMatchObject([{ id: 'a' }])
  telling = told()
  await backend.exchange([b!], { queue: 'q', limit: 0, lease: 60_000 })
  expect(await telling).toMatchObject([{ id: 'b' }])
})
