import { describe, it } from 'vitest'
import { testBackend } from '../src/index.ts'
import { memoryHarness } from './memory-harness.ts'

await testBackend(memoryHarness({ realTime: true }), { describe, it })
