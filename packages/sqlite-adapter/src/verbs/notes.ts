import type { Encoded } from '@jobport/core/adapter'
import notesOf from '../sql/notes.sql'
import setNotes from '../sql/set-notes.sql'
import type { Transaction } from './transaction.ts'

const ERRORS = 20
const LOGS = 100

/** Appends to what few jobs have, and keeps the newest. */
export function note(
  tx: Transaction,
  seq: number,
  news: {
    readonly error?: Encoded | undefined
    readonly progress?: Encoded | undefined
    readonly logs?: readonly Encoded[] | undefined
  },
): void {
  const [errors = null, progress = null, logs = null] = tx.on.get(notesOf, seq) ?? []
  tx.on.run(
    setNotes,
    seq,
    news.error === undefined ? errors : appended(errors, [news.error], ERRORS),
    news.progress ?? progress,
    news.logs === undefined || news.logs.length === 0 ? logs : appended(logs, news.logs, LOGS),
  )
}

function appended(list: string | null, items: readonly Encoded[], most: number): string {
  return JSON.stringify([...(list === null ? [] : JSON.parse(list)), ...items].slice(-most))
}
