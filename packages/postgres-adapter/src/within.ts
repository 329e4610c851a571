import {
  BackendError,
  type Enqueued,
  type Mover,
  type NewJob,
  type Settled,
  type Settlement,
} from '@jobport/core/adapter'
import { enqueueAdmitted } from './admission.ts'
import { failure } from './connection/failure.ts'
import type { Line, Row, Statement } from './connection/session.ts'
import { ADMISSION, LIMITS, NAME } from './limits.ts'
import type { Live } from './live.ts'
import type { Value } from './wire/new-jobs.ts'
import { settleCalls } from './wire/settlements.ts'
import { isOutside, queryOf, type TransactionHandle } from './transaction-handle.ts'

export type { TransactionHandle } from './transaction-handle.ts'

/**
 * The two verbs inside a transaction of the caller. As with any statement in Postgres, one that fails has ended the transaction.
 * @throws BackendError `invalid` when the handle is none that is known, or no transaction.
 */
export function within(handle: TransactionHandle, opened: () => Live): Pick<Mover, 'enqueue' | 'settle'> {
  const live = opened()
  const query = queryOf(handle)
  if (query === undefined) {
    throw new BackendError(
      'invalid',
      NAME,
      'within() takes a client of pg in a transaction, one of Drizzle, Kysely or Prisma, or anything with query(text, values)',
    )
  }
  if (isOutside(handle)) {
    throw new BackendError(
      'invalid',
      NAME,
      'within() was given a pool or a database, where each statement is a transaction of its own; give it a client after begin, or the tx of a callback',
    )
  }
  let transaction: string | undefined
  const line: Line = {
    async ask(statement: Statement, values: readonly Value[]): Promise<Row[]> {
      try {
        const [row] = await query(inTransaction(statement, values.length), values)
        const [answers, xid] = Object.values(row!) as [string | null, string]
        transaction = xid
        return [[answers]]
      } catch (error) {
        throw failure(error)
      }
    },
  }
  return {
    async enqueue(jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
      opened()
      const answers = await enqueueAdmitted(jobs, (admitted) => live.enqueueOn(line, admitted))
      const queues = new Set(jobs.map(({ queue }) => queue))
      if (transaction !== undefined) live.whenCommitted(transaction, () => live.news.stir(queues))
      return answers
    },
    async settle(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
      opened()
      ADMISSION.checkSize('settlements', settlements.length, LIMITS.settleBatch)
      if (settlements.length === 0) return []
      await live.isolate(settlements)
      const settled: Settled[] = Array.from({ length: settlements.length })
      for (const call of settleCalls(settlements, settled)) {
        await live.settleOn(line, call, settled)
        live.whenCommitted(transaction!, () => live.news.announce(call))
      }
      return settled
    },
  }
}

const texts = new Map<string, string>()

/**
 * Drivers and mappers read and write arrays each in their own way, but text all alike. The number of the transaction tells later whether it was committed.
 */
function inTransaction({ text }: Statement, parameters: number): string {
  let known = texts.get(text)
  if (known === undefined) {
    const types = text.includes('enqueue_jobs') ? ENQUEUE : SETTLE
    if (types.length !== parameters) throw new Error(`${parameters} values for ${types.length} parameters`)
    known = `${text.replaceAll(/\$(\d+)/g, (name, number: string) => `${name}::text::${types[Number(number) - 1]!}`)}::text as answers, pg_current_xact_id()::text as xid`
    texts.set(text, known)
  }
  return known
}

const ENQUEUE = 'text int[] text text[] int[] bigint[] text[] text[] bigint[] text[] boolean text'.split(' ')
const SETTLE = [
  ...'bigint[] int[] int[] text[] int[] bigint[] bigint[] varbit[] int[] bigint[] text[] text[] int[] bigint[]'.split(
    ' ',
  ),
  ...'uuid[] int[] text[] text[] int[] bigint[] text[] text[] bigint[] text[]'.split(' '),
]
