import { describe, expect, it } from 'vitest'
import { runCases } from '../src/index.ts'
import { mutants, mutated } from '../src/mutants.ts'
import { memoryHarness } from './memory-harness.ts'

describe('a backend that is broken in one way is caught', () => {
  it.each(mutants)('$name: it $does', async (mutant) => {
    const results = await runCases(mutated(memoryHarness(), mutant), ({ id }) => mutant.caughtBy.includes(id))
    const failed = results.filter(({ status }) => status === 'failed').map(({ id }) => id)
    expect(failed.toSorted()).toEqual(mutant.caughtBy.toSorted())
  })

  it('by cases that a right backend passes', async () => {
    const named = new Set(mutants.flatMap(({ caughtBy }) => caughtBy))
    const results = await runCases(memoryHarness(), ({ id }) => named.has(id))
    expect(results.filter(({ status }) => status !== 'passed')).toEqual([])
    expect(results).toHaveLength(named.size)
  })
})
