import { chapters, testBackend } from '@jobport/conformance'
import { describe, it } from 'vitest'
import { besidePostgres } from './beside-postgres.ts'
import { storedHarness } from './stored-harness.ts'

/** Those in which most depends on the store. The whole suite is one of the long tests. */
const CHAPTERS: ReadonlySet<string> = new Set(['A3', 'A6', 'A13'])

const left = chapters.filter(({ id }) => !CHAPTERS.has(id)).flatMap(({ cases }) => cases)
const { skip, ...harness } = storedHarness(besidePostgres)
const long = Object.fromEntries(left.map(({ id }) => [id, 'part of the long tests: npm run test:long']))

await testBackend({ ...harness, matrix: false, skip: { ...skip, ...long } }, { describe, it })
