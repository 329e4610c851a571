import { describe, it } from 'vitest'
import { modelTest, testBackend } from '../src/index.ts'
import { storedHarness } from './stored-harness.ts'

await testBackend(storedHarness(), { describe, it })
await testBackend(storedHarness({ payloads: 'store' }), { describe, it })
modelTest(storedHarness(), { it })
