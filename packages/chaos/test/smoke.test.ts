import { expect, test } from 'vitest'
import { mutants } from '../src/mutants/mutants.ts'
import { backendNames, smoke, type Setting } from '../src/plan/setting.ts'
import { report } from '../src/report/report.ts'
import { runChaos } from '../src/run-chaos.ts'

// Half a minute where nothing else runs.
const timeout = 240_000
const seed = 1

test.for(backendNames)('%s keeps every promise while processes are killed', { timeout }, async (backend) => {
  const outcome = await runChaos({ backend, seed, ...smoke })
  expect(report(outcome)).toContain('Every promise was kept')
  expect(outcome.judgement.figures.lapses).toBeGreaterThan(0)
})

test('a backend without a fence is caught', { timeout }, async () => {
  const setting: Setting = { backend: 'sqlite', seed: 5, ...smoke, mutant: 'no-fence' }
  const outcome = await runChaos(setting)
  const told = outcome.judgement.violations.map(({ promise, how }) => `${promise}: ${how}`)
  expect(told).toContainEqual(expect.stringMatching(mutants['no-fence'].shows))
})
