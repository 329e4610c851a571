import { chapters } from './chapters.ts'
import type { Harness } from './harness.ts'

/** The suite without the cases of all other chapters. `reason`: why those are not run. */
export function onlyChapters(harness: Harness, ids: readonly string[], reason: string): Harness {
  const left = chapters.filter(({ id }) => !ids.includes(id)).flatMap(({ cases }) => cases)
  const skip = Object.fromEntries(left.map(({ id }) => [id, reason]))
  return { ...harness, skip: { ...harness.skip, ...skip } }
}

/** For a broker with one more store beside it, where all of the suite is run with another: the chapters in which most depends on the store. */
export function whatTheStoreDecides(harness: Harness): Harness {
  const ids = ['A3', 'A4', 'A5', 'A6', 'A11', 'A13', 'A16']
  return onlyChapters(harness, ids, 'tried with another store, and does not depend on it')
}
