import type { JobRecord } from '@jobport/core'
import { z } from 'zod'
import { ITEM_JOBS, ITEM_QUEUES, madeSchema, type ItemKind } from './jobs.ts'

/** An item as its user sees it. */
export const itemSchema = z.object({
  id: z.string(),
  name: z.string().describe('What the user calls the file.'),
  kind: z.enum(Object.keys(ITEM_JOBS) as [ItemKind, ...ItemKind[]]).describe('What was handed in.'),
  state: z.enum(['waiting', 'scheduled', 'active', 'completed', 'dead', 'cancelled']),
  submitted: z.iso.datetime(),
  finished: z.iso.datetime().optional(),
  failures: z.int().describe('Attempts that failed.'),
  progress: z.number().min(0).max(1).optional().describe('The share of a running encoding that is done.'),
  result: madeSchema.optional().describe('Files are at /items/{id}/files/{file}.'),
  error: z.string().optional().describe('Why there is no result.'),
})

export type Item = z.output<typeof itemSchema>

/** What may be said to the one who handed a file in. Every other error is the service's own. */
export class MediaError extends Error {
  override readonly name = 'MediaError'
}

const GENERIC = 'it could not be worked on; the administrators know'

/** Whether the job is one of those that are handed in. */
export function isItem({ queue }: JobRecord): boolean {
  return ITEM_QUEUES.includes(queue)
}

export function viewItem(record: JobRecord): Item {
  const { id, state, headers, enqueuedAt, finishedAt, failures, result } = record
  const progress = state === 'active' ? progressOf(record) : undefined
  return {
    id,
    name: headers['name'] ?? '',
    kind: id.split('-')[0] as ItemKind,
    state,
    submitted: new Date(enqueuedAt).toISOString(),
    ...(finishedAt !== undefined && { finished: new Date(finishedAt).toISOString() }),
    // The failure that made it dead is not counted in the record.
    failures: failures + (state === 'dead' ? 1 : 0),
    ...(progress !== undefined && { progress }),
    ...(state === 'completed' && result !== undefined && { result: madeSchema.parse(JSON.parse(result)) }),
    ...(state === 'dead' && { error: reasonOf(record) }),
  }
}

function progressOf({ progress }: JobRecord): number | undefined {
  if (progress === undefined) return undefined
  const { share } = JSON.parse(progress) as { readonly share?: number }
  return share
}

function reasonOf({ errors }: JobRecord): string {
  const last = errors.at(-1)
  if (last === undefined) return GENERIC
  const { name, message } = JSON.parse(last) as { readonly name?: string; readonly message?: string }
  return sayable(name, message)
}

/** What of an error its user may read. `Unrecoverable` is only thrown by us. */
export function sayable(name: string | undefined, message: string | undefined): string {
  return name === 'MediaError' || name === 'Unrecoverable' ? (message ?? GENERIC) : GENERIC
}
