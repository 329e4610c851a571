import { chapters, testBackend } from '@jobport/conformance'
import { describe, it } from 'vitest'
import { besidePostgres } from './beside-postgres.ts'
import { storedHarness } from './stored-harness.ts'

/** Those in which most depends on the store. The emulator counts whole seconds, so the whole suite, in `long`, takes many minutes. */
const CHAPTERS: ReadonlySet<string> = new Set(['A3', 'A13'])

const left = chapters.filter(({ id }) => !CHAPTERS.has(id)).flatMap(({ cases }) => cases)
const skip = Object.fromEntries(left.map(({ id }) => [id, 'part of the long tests: npm run test:long']))

await testBackend(storedHarness(besidePostgres, { matrix: false, skip }), { describe, it })
