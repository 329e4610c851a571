import { describe, expect, it } from 'vitest'
import { hashOf, toLines } from '../src/history/history.ts'
import { mutants } from '../src/mutants/mutants.ts'
import { describeFailure } from '../src/report/failure.ts'
import { invent } from '../src/scenario/invent.ts'
import { simulate } from '../src/simulate.ts'
import { catchMutant, trySeed } from '../src/try-seed.ts'

/** More of them: `pnpm simulate`. */
const SEEDS = 300
const SHARE = 50

describe('core keeps its promises through lost calls, crashes, pauses and wrong clocks', () => {
  for (let first = 1; first <= SEEDS; first += SHARE) {
    it(`seeds ${first} to ${first + SHARE - 1}`, { timeout: 180_000 }, async () => {
      const failures: string[] = []
      for (let seed = first; seed < first + SHARE; seed++) {
        const trial = await trySeed(seed)
        if (trial.violations.length > 0) failures.push(describeFailure(trial))
      }
      expect(failures.join('\n\n')).toBe('')
    })
  }
})

it('one seed gives one history, to the last byte', { timeout: 180_000 }, async () => {
  for (const seed of [1, 24, 125, 293, 20_000]) {
    const [first, second] = [await simulate(invent(seed)), await simulate(invent(seed))]
    expect(toLines(second)).toBe(toLines(first))
    expect(hashOf(second)).toBe(hashOf(first))
    expect(hashOf(first)).not.toBe(hashOf(await simulate(invent(seed + 1))))
  }
})

describe('the judge sees what is wrong', () => {
  for (const mutant of mutants) {
    it(`${mutant.name}: ${mutant.flaw}`, { timeout: 180_000 }, async () => {
      const capture = await catchMutant(mutant, 300)
      expect(capture, 'not caught by 300 seeds').toBeDefined()
    })
  }
})

it('a failure tells the seed, the promise, what happened and how to see it again', { timeout: 180_000 }, async () => {
  const mutant = mutants.find(({ name }) => name === 'requeue in two steps')!
  const { seed } = (await catchMutant(mutant, 300))!
  const text = describeFailure(await trySeed(seed, mutant))
  expect(text).toMatch(new RegExp(`^Seed ${seed} \\(\\w+\\) breaks the promise of \\w+: [A-Z].*\\.\\n  \\S+`))
  expect(text).toMatch(/\d+ ms {2}[wn]\d\.\d +claim +id \S+ · queue/)
  expect(text).toContain(`pnpm simulate --seed ${seed}`)
})
