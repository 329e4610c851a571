import { describe, expect, it } from 'vitest'
import { checkModel, runCases } from '../src/index.ts'
import { mutants, mutated } from '../src/mutants.ts'
import { memoryHarness } from './memory-harness.ts'

/** These break what the model does not try: waiting claims, the clock of the client, contents. */
const BEYOND_THE_MODEL = new Set(['client clock', 'abort leaks a lease', 'payload parsed'])

describe('a backend that is broken in one way is caught', () => {
  it.each(mutants)('by its cases: $name, it $does', async (mutant) => {
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

  it.each(mutants.filter(({ name }) => !BEYOND_THE_MODEL.has(name)))(
    'by the model: $name, it $does',
    async (mutant) => {
      await expect(checkModel(mutated(memoryHarness(), mutant), { runs: 200, shrink: false })).rejects.toThrow(
        'Property failed',
      )
    },
  )
})
