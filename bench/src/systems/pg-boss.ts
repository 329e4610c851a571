import { PgBoss } from 'pg-boss'
import type { Input } from '../input.ts'
import { postgresUrl } from '../servers/postgres.ts'
import type { CreateSystem } from '../system.ts'
import { versionsOf } from '../versions.ts'

const NAME = 'bench'
/** Jobs of one fetch; their handlers run one after the other. */
const BATCH = 1000
/** Fetches at once. More gain nothing: two busy connections keep the server busy. */
const FETCHES = 4

export const create: CreateSystem = () => {
  const boss = new PgBoss({ connectionString: postgresUrl(), useListenNotify: true })
  // Without a listener an error would end the process; what it spoils, the count of jobs shows.
  boss.on('error', () => {})
  return {
    configuration: `fetches of ${BATCH} jobs, up to ${FETCHES} at once, without a pause while they are full; LISTEN/NOTIFY; insert for many; default retention`,
    versions: versionsOf('pg-boss', 'pg'),
    async prepare() {
      await boss.start()
      await boss.createQueue(NAME, { notify: true })
    },
    enqueueOne: (input) => boss.send(NAME, input),
    async enqueueMany(inputs) {
      await boss.insert(
        NAME,
        inputs.map((data) => ({ data: { ...data } })),
      )
    },
    async work(concurrency, handle) {
      const options = { batchSize: BATCH, burstWhenBatchFull: true, localConcurrency: Math.min(concurrency, FETCHES) }
      await boss.work<Input>(NAME, options, async (jobs) => {
        for (const { data } of jobs) await handle(data)
      })
      return {
        // It completes a batch after its handler and tells nobody; stopping waits for that.
        settled: () => boss.offWork(NAME, { wait: true }),
        stop: async () => {},
      }
    },
    async unfinished() {
      const { rows } = await boss
        .getDb()
        .executeSql(`select count(*) from pgboss.job where name = $1 and state < 'completed'`, [NAME])
      return Number((rows as { readonly count: string }[])[0]!.count)
    },
    close: () => boss.stop({ graceful: false }),
  }
}
