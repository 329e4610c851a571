import type { JobId } from '@jobport/core/adapter'
import { createHash } from 'node:crypto'

/** As core makes them. Version 8 is left out: that is what other ids are turned into. */
const ONE = /[0-9a-f]{8}-[0-9a-f]{4}-[1-79a-f][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/.source
const UUID = new RegExp(`^${ONE}$`)
const UUIDS = new RegExp(`^${ONE}(?:,${ONE})*$`)
const UUID_LENGTH = 36

/** Whether an id is its own key: a UUID takes 16 bytes, in the row and in the index. */
export function isKey(id: JobId): boolean {
  return id.length === 36 && UUID.test(id)
}

/** What a job is known by: its id, or a UUID of version 8 made from it. */
export function keyOf(id: JobId): string {
  if (isKey(id)) return id
  const hash = createHash('sha256').update(id).digest('hex')
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${hash.slice(16, 20)}-${hash.slice(20, 32)}`
}

/** The keys of jobs, parted by commas. */
export function keysOf(ids: readonly JobId[]): string {
  const text = ids.join()
  const areKeys = text.length === ids.length * (UUID_LENGTH + 1) - 1 && UUIDS.test(text)
  return areKeys ? text : ids.map(keyOf).join()
}
