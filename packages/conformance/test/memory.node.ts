import { describe, it } from 'node:test'
import { testBackend } from '../src/index.ts'
import { memoryHarness } from './memory-harness.ts'

await testBackend(memoryHarness(), { describe, it })
