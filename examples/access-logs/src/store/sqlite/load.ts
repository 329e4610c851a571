import { setImmediate } from 'node:timers/promises'
import type { DatabaseSync } from 'node:sqlite'
import { LineReader } from '../../ltsv/line-reader.ts'
import type { Archive, Imported, LoadOptions, Unpacked } from '../log-store.ts'
import { findRelatives, type LoadedFile, type Relatives } from '../relatives.ts'
import { Batch } from './batch.ts'
import { checkLoading } from './check-loading.ts'
import abandoned from './sql/abandoned.sql'
import abandonFile from './sql/abandon-file.sql'
import abandonLoads from './sql/abandon-loads.sql'
import beginLoad from './sql/begin-load.sql'
import endLoad from './sql/end-load.sql'
import insertFile from './sql/insert-file.sql'
import isPart from './sql/is-part.sql'
import makePart from './sql/make-part.sql'
import relativesSql from './sql/relatives.sql'
import sweepCounts from './sql/sweep-counts.sql'
import sweepRejects from './sql/sweep-rejects.sql'
import sweepRequests from './sql/sweep-requests.sql'
import { transaction } from './transaction.ts'

/** Rows that are removed in one transaction. */
const SWEPT = 5_000

/**
 * Loads a file in many short transactions, the last of which makes it count, together with the outcome of the job. One that fails is left to whoever has the connection: it
 * ends with it.
 */
export async function load(
  database: DatabaseSync,
  archive: Archive,
  unpacked: Unpacked,
  { signal, onProgress, within }: LoadOptions,
): Promise<Imported> {
  const id = await begin(database, archive)
  await sweep(database, signal)
  // What is lost in a power cut did not count yet. The last transaction waits for the disk, and so for all that is before it in the log.
  database.exec('pragma synchronous = normal')
  const { reader, broken } = await writeLines(database, id, unpacked, { signal, onProgress })
  database.exec('pragma synchronous = full')

  const { lines, rejected, first } = reader
  const kept = lines - rejected
  const { sha256, name, bytes } = archive
  return transaction(database, async () => {
    checkLoading(database, id)
    const { whole, parts } = await relativesOf(database, { id, name, lines }, kept, first)
    const values = [id, sha256, name, bytes, lines, kept, rejected, broken, first, whole?.id ?? null]
    database.prepare(insertFile).run(...values)
    database.prepare(endLoad).run(id)
    if (whole !== undefined) database.prepare(abandonFile).run(id)
    for (const part of parts) {
      database.prepare(makePart).run(part.id, id)
      database.prepare(abandonFile).run(part.id)
    }
    const imported: Imported = { name, lines, kept, rejected, broken, partOf: whole?.name ?? null }
    await within(database, imported)
    signal.throwIfAborted()
    return imported
  })
}

async function begin(database: DatabaseSync, { sha256 }: Archive): Promise<number> {
  return transaction(database, () => {
    database.prepare(abandonLoads).run(sha256)
    return Number(database.prepare(beginLoad).run(sha256).lastInsertRowid)
  })
}

async function writeLines(
  database: DatabaseSync,
  file: number,
  unpacked: Unpacked,
  { signal, onProgress }: Pick<LoadOptions, 'signal' | 'onProgress'>,
): Promise<{ readonly reader: LineReader; readonly broken: string | null }> {
  const batch = new Batch(database, file)
  const reader = new LineReader(batch)
  for (;;) {
    signal.throwIfAborted()
    const next = await unpacked.next()
    const broken = next.done === true ? (next.value ?? null) : null
    // From here to the commit nothing is awaited, so nobody in this process waits for the write lock that it holds itself.
    batch.begin()
    if (next.done === true) reader.end(broken !== null)
    else reader.read(next.value)
    batch.commit(next.done === true)
    onProgress(reader.lines, reader.rejected)
    if (next.done === true) return { reader, broken }
    // Heartbeats and other files.
    await setImmediate()
  }
}

/** Of a file without a kept line there is nothing to count twice. */
async function relativesOf(
  database: DatabaseSync,
  own: LoadedFile,
  kept: number,
  first: string | null,
): Promise<Relatives> {
  if (kept === 0) return { parts: [] }
  const others = database.prepare(relativesSql).all(first) as unknown as LoadedFile[]
  return findRelatives(own, others, (whole, part) => database.prepare(isPart).get(part.id, whole.id)!['isPart'] === 1)
}

/** Removes rows that nobody needs, a few at a time: of loads whose worker died, and of files that came again as part of another. */
async function sweep(database: DatabaseSync, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const load = database.prepare(abandoned).get()
    if (load === undefined) return
    const file = load['file'] as number
    await transaction(database, () => {
      const removed = [sweepRequests, sweepRejects, sweepCounts].map(
        (sql) => database.prepare(sql).run(file, SWEPT).changes as number,
      )
      if (Math.max(...removed) < SWEPT) database.prepare(endLoad).run(file)
    })
    await setImmediate()
  }
}
