import { expect, test } from 'vitest'
import { short } from '../src/deliveries/plan.ts'
import { runDeliveries } from '../src/deliveries/run-deliveries.ts'
import { isBroker, statefulNames } from '../src/plan/setting.ts'

const timeout = 240_000

// A broker changes nothing about what is told; its store is Postgres.
const kinds = statefulNames.filter((backend) => !isBroker(backend))

test.for(kinds)('%s: every outcome is told while the sender is killed', { timeout }, async (backend) => {
  const { problems, told, repeated } = await runDeliveries({ backend, seed: 1, ...short })
  expect(problems).toEqual([])
  expect(told).toBe(short.outcomes)
  expect(repeated).toBeGreaterThan(0)
})

test('a sender whose failures are forgotten is found out', { timeout }, async () => {
  const { problems } = await runDeliveries({ backend: 'sqlite', seed: 1, ...short, mutant: 'forgets-failures' })
  expect(problems).toContainEqual(expect.stringMatching(/nobody was told/))
})
