import { testBackend } from '@jobport/conformance'
import { describe, it } from 'vitest'
import { besidePostgres } from '../beside-postgres.ts'
import { storedHarness } from '../stored-harness.ts'

await testBackend(storedHarness(besidePostgres), { describe, it })
