import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { URI, textOf } from '../../ltsv/access-line.ts'
import { LineReader } from '../../ltsv/line-reader.ts'
import type { Archive, Imported, LoadOptions, Unpacked } from '../log-store.ts'
import { findRelatives, type LoadedFile, type Relatives } from '../relatives.ts'
import { Rejects } from '../rejects.ts'
import { Tally } from '../tally.ts'
import { copyFormat, RowEncoder } from './row-encoder.ts'
import clearFile from './sql/clear-file.sql'
import copyRequests from './sql/copy-requests.sql'
import insertCounts from './sql/insert-counts.sql'
import insertFile from './sql/insert-file.sql'
import insertRejects from './sql/insert-rejects.sql'
import isPart from './sql/is-part.sql'
import lockLog from './sql/lock-log.sql'
import makePart from './sql/make-part.sql'
import nextFile from './sql/next-file.sql'
import relativesSql from './sql/relatives.sql'

/** A process that stands still with an open transaction keeps nobody waiting for longer. */
const LIMIT = `set local idle_in_transaction_session_timeout = '60s'`

/** Loads a file in one transaction: its rows, what was rejected, the counts, and the outcome of the job. */
export async function load(
  client: pg.PoolClient,
  archive: Archive,
  unpacked: Unpacked,
  { signal, onProgress, within }: LoadOptions,
): Promise<Imported> {
  await client.query('begin')
  await client.query(LIMIT)
  const { rows } = await client.query<{ id: number }>(nextFile)
  const { id } = rows[0]!
  const { reader, broken } = await copyLines(client, id, unpacked, { signal, onProgress })

  const { lines, rejected, first } = reader
  const kept = lines - rejected
  const { sha256, name, bytes } = archive
  const { whole, parts } = await relativesOf(client, { id, name, lines }, kept, first)
  await client.query(insertFile, [id, sha256, name, bytes, lines, kept, rejected, broken, first, whole?.id])
  if (whole !== undefined) await client.query(clearFile, [id])
  for (const part of parts) {
    await client.query(clearFile, [part.id])
    await client.query(makePart, [part.id, id])
  }

  const imported: Imported = { name, lines, kept, rejected, broken, partOf: whole?.name ?? null }
  await within(client, imported)
  signal.throwIfAborted()
  await client.query('commit')
  return imported
}

/** The lines go over in one COPY. Where much was rejected, or there are very many uris, it is interrupted to write those down, in the same transaction. */
async function copyLines(
  client: pg.PoolClient,
  file: number,
  unpacked: Unpacked,
  { signal, onProgress }: Pick<LoadOptions, 'signal' | 'onProgress'>,
): Promise<{ readonly reader: LineReader; readonly broken: string | null }> {
  const rows = new RowEncoder(file)
  const tally = new Tally()
  const rejects = new Rejects()
  const reader = new LineReader({
    keep(number, line, bytes) {
      rows.add(number, line, bytes)
      tally.add(line.time, textOf(line, URI, bytes)!)
    },
    reject: (number, reason, text) => rejects.add(number, reason, text),
  })

  let end: { readonly broken: string | null } | undefined
  const parts = async function* () {
    while (end === undefined && !rejects.isFull && !tally.isFull) {
      const next = await unpacked.next()
      if (next.done === true) {
        end = { broken: next.value ?? null }
        reader.end(end.broken !== null)
      } else reader.read(next.value)
      onProgress(reader.lines, reader.rejected)
      yield rows.take()
    }
  }
  for (;;) {
    await pipeline(copyFormat(parts()), client.query(copyFrom(copyRequests)), { signal })
    await client.query(insertRejects, [file, ...columns(rejects.take(), ['line', 'reason', 'text'])])
    await client.query(insertCounts, [file, ...columns(tally.take(), ['day', 'uri', 'count'])])
    if (end !== undefined) return { reader, broken: end.broken }
  }
}

/** Of a file without a kept line there is nothing to count twice. */
async function relativesOf(
  client: pg.PoolClient,
  own: LoadedFile,
  kept: number,
  first: string | null,
): Promise<Relatives> {
  if (kept === 0) return { parts: [] }
  await client.query(lockLog, [first])
  const { rows: others } = await client.query<LoadedFile>(relativesSql, [first])
  return findRelatives(own, others, async (whole, part) => {
    const { rows } = await client.query<{ isPart: boolean }>(isPart, [part.id, whole.id])
    return rows[0]!.isPart
  })
}

/** Arrays for `unnest`. */
function columns<Row, Column extends keyof Row>(rows: readonly Row[], names: readonly Column[]): Row[Column][][] {
  return names.map((name) => rows.map((row) => row[name]))
}
