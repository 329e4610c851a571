import type { NewJob } from '@jobport/core/adapter'
import { expect, it } from 'vitest'
import { enqueueValues } from './new-jobs.ts'

const FIRST = '01900000-0000-7000-8000-000000000001'
const SECOND = '01900000-0000-7000-8000-000000000002'

function valuesOf(...ids: readonly string[]): readonly unknown[] {
  const jobs = ids.map((id): NewJob => ({ id, queue: 'q', name: 'n', payload: '1', headers: {} }))
  return enqueueValues(jobs, () => 1)
}

it.each([
  ['made one after the other', [FIRST, SECOND], 'true'],
  // Rows in another order than other batches have could make two wait for each other.
  ['mixed', [SECOND, FIRST], 'false'],
  // Their keys are hashes.
  ['of the caller', ['invoice-1', 'invoice-2', 'invoice-3', 'invoice-4'], 'false'],
])('tells the server whether keys ascend: ids %s', (_, ids, ascending) => {
  expect(valuesOf(...ids).at(-2)).toBe(ascending)
})
