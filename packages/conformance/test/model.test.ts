import { memoryBackend } from '@jobport/core'
import { describe, it } from 'vitest'
import { modelTest } from '../src/index.ts'
import { naiveBackend } from './naive-backend.ts'
import { memoryHarness } from './memory-harness.ts'

describe('the memory backend and the naive one', () => {
  modelTest(memoryHarness(), { it }, { runs: 300, oracle: (clock) => naiveBackend(memoryBackend(), clock) })
})

describe('the memory backend in real time and in virtual time', () => {
  modelTest(memoryHarness({ realTime: true }), { it }, { runs: 5 })
})
