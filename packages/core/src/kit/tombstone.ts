import type { Ms } from '../contract/job.ts'

/**
 * How long the id and last token of a finished job stay known when its record is dropped, so that a repeated enqueue
 * makes no second job and a repeated settlement is answered `applied`. Twice the longest time that core repeats a call whose reply was lost, with room.
 */
export const TOMBSTONE: Ms = 120_000
