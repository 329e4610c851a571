import pg from 'pg'
import { inputAt } from '../input.ts'
import { percentile } from '../report/statistics.ts'
import type { Scenario } from '../scenario.ts'
import { postgresUrl } from '../servers/postgres.ts'
import { verify } from './drain.ts'
import { paced } from './pace.ts'
import { Tally } from './tally.ts'

const PER_SECOND = 500
const SECONDS = 120
/** The figure is that of the worst of these parts, so that a bad end is not hidden by a good beginning. */
const PART_SECONDS = 10

/** While a transaction stays open, no row that was removed since can be cleaned up. Does it get slower to find those that wait? */
export const openTransaction: Scenario = {
  name: 'open-transaction',
  description: `${PER_SECOND} jobs/s while another transaction stays open: from enqueue to handler, p99 of the worst ${PART_SECONDS} s`,
  size: { full: PER_SECOND * SECONDS, quick: PER_SECOND * PART_SECONDS },
  still: true,
  only: 'named',
  metrics: [{ name: 'open-transaction-p99', unit: 'ms' }],
  async run({ system }, count) {
    const transaction = new pg.Client({ connectionString: postgresUrl() })
    await transaction.connect()
    // It has a snapshot from its first statement on.
    await transaction.query('begin isolation level repeatable read')
    await transaction.query('select txid_current()')
    const tally = new Tally(count)
    const starts = new Map<number, number>()
    const delays = new Float64Array(count)
    const crew = await system.work(10, async (input) => {
      delays[tally.handled] = performance.now() - starts.get(input.number)!
      tally.note(input)
    })
    await paced(count, PER_SECOND, (index) => {
      const job = inputAt(index)
      starts.set(job.number, performance.now())
      return system.enqueueOne(job)
    })
    await tally.complete()
    await crew.settled()
    await crew.stop()
    await transaction.query('rollback')
    await transaction.end()
    await verify(system, tally)
    const size = PER_SECOND * PART_SECONDS
    const parts = Array.from({ length: Math.ceil(count / size) }, (_, part) => [
      ...delays.subarray(part * size, (part + 1) * size),
    ])
    return { 'open-transaction-p99': Math.max(...parts.map((part) => percentile(part, 0.99))) }
  },
}
