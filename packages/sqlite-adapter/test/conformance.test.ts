import { testBackend } from '@jobport/conformance'
import { afterAll, describe, it } from 'vitest'
import { temporaryFolder } from './folder.ts'
import { fileHarness, memoryHarness } from './harness.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

await testBackend(fileHarness(folder.path), { describe, it })
await testBackend(memoryHarness(), { describe, it })
