import { chapters, type Harness } from '@jobport/conformance'
import { storedHarness, type Beside } from '../stored-harness.ts'

/** Those chapters in which most depends on the store. */
const CHAPTERS: ReadonlySet<string> = new Set(['A3', 'A4', 'A5', 'A6', 'A11', 'A13', 'A16'])

/** The suite with another store than Postgres, with which all of it is run. */
export function whatTheStoreDecides(beside: Beside): Harness {
  const left = chapters.filter(({ id }) => !CHAPTERS.has(id)).flatMap(({ cases }) => cases)
  const skip = Object.fromEntries(left.map(({ id }) => [id, 'tried with Postgres, and does not depend on the store']))
  const harness = storedHarness(beside)
  return { ...harness, skip: { ...harness.skip, ...skip } }
}
