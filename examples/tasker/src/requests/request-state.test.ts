import { describeError, type JobState } from '@jobport/core'
import { expect, it } from 'vitest'
import { TaskError } from '../tasks/task.ts'
import { stateOf } from './request-state.ts'

const job = (state: JobState, error?: Error) => ({
  state,
  errors: error === undefined ? [] : [JSON.stringify(describeError(error))],
})

it('an answer decides, whatever the job says', () => {
  expect(stateOf({ answer: 3 }, undefined)).toEqual({ state: 'completed', result: 3 })
  expect(stateOf({ answer: 3 }, job('dead'))).toEqual({ state: 'completed', result: 3 })
})

it.each([
  ['waiting', { state: 'waiting' }],
  ['scheduled', { state: 'waiting' }],
  ['active', { state: 'active' }],
  ['cancelled', { state: 'cancelled' }],
] as const)('without one, a job that is %s makes it %j', (state, expected) => {
  expect(stateOf(undefined, job(state))).toEqual(expected)
})

it('a job that completed a moment ago has the result', () => {
  expect(stateOf(undefined, { ...job('completed'), result: '{"melody":"la"}' })).toEqual({
    state: 'completed',
    result: { melody: 'la' },
  })
})

it('tells why the params have no answer, and keeps what failed in here to itself', () => {
  expect(stateOf(undefined, job('dead', new TaskError('too large')))).toEqual({ state: 'failed', error: 'too large' })
  expect(stateOf(undefined, job('dead', new Error('relation "answers" is gone')))).toEqual({
    state: 'failed',
    error: 'the task failed internally',
  })
})

it('without answer and record it failed long ago', () => {
  expect(stateOf(undefined, undefined)).toMatchObject({ state: 'failed', error: expect.stringContaining('no longer') })
})
