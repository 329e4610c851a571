import { Logger, makeWorkerUtils, run, type WorkerUtils } from 'graphile-worker'
import pg from 'pg'
import type { Input } from '../input.ts'
import { postgresUrl } from '../servers/postgres.ts'
import type { CreateSystem } from '../system.ts'
import { versionsOf } from '../versions.ts'

const NAME = 'bench'
const POOL = 4
const LOCAL_QUEUE = 1000

const logger = new Logger(() => () => {})

export const create: CreateSystem = () => {
  const pool = new pg.Pool({ connectionString: postgresUrl(), max: POOL })
  // Without a listener an error would end the process; what it spoils, the count of jobs shows.
  pool.on('error', () => {})
  let utils: WorkerUtils
  return {
    configuration: `pool of ${POOL}, localQueue of ${LOCAL_QUEUE}, completions and failures batched without delay; addJobs for many`,
    versions: versionsOf('graphile-worker', 'pg'),
    async prepare() {
      utils = await makeWorkerUtils({ pgPool: pool, logger })
      await utils.migrate()
    },
    enqueueOne: (input) => utils.addJob(NAME, input),
    async enqueueMany(inputs) {
      await utils.addJobs(inputs.map((payload) => ({ identifier: NAME, payload })))
    },
    async work(concurrency, handle) {
      const runner = await run({
        pgPool: pool,
        logger,
        noHandleSignals: true,
        parsedCronItems: [],
        taskList: { [NAME]: (payload) => handle(payload as Input) },
        preset: {
          worker: {
            concurrentJobs: concurrency,
            localQueue: { size: LOCAL_QUEUE },
            completeJobBatchDelay: 0,
            failJobBatchDelay: 0,
          },
        },
      })
      return { settled: () => runner.stop(), stop: async () => {} }
    },
    async unfinished() {
      const { rows } = await pool.query<{ count: string }>('select count(*) from graphile_worker.jobs')
      return Number(rows[0]!.count)
    },
    async close() {
      await utils.release()
      await pool.end()
    },
  }
}
