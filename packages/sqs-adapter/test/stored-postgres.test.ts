import { onlyChapters, testBackend } from '@jobport/conformance'
import { describe, it } from 'vitest'
import { besidePostgres } from './beside-postgres.ts'
import { storedHarness } from './stored-harness.ts'

// Those in which most depends on the store. The emulator counts whole seconds, so the whole suite, in `long`, takes many minutes.
const harness = onlyChapters(storedHarness(besidePostgres), ['A3', 'A13'], 'part of the long tests: npm run test:long')

await testBackend({ ...harness, matrix: false }, { describe, it })
