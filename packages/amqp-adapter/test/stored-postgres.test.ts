import { onlyChapters, testBackend } from '@jobport/conformance'
import { describe, it } from 'vitest'
import { besidePostgres } from './beside-postgres.ts'
import { storedHarness } from './stored-harness.ts'

// Those in which most depends on the store. The whole suite is one of the long tests.
const harness = onlyChapters(
  storedHarness(besidePostgres),
  ['A3', 'A6', 'A13'],
  'part of the long tests: npm run test:long',
)

await testBackend({ ...harness, matrix: false }, { describe, it })
