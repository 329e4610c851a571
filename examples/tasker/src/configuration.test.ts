import { expect, it } from 'vitest'
import { readApiConfiguration, readControllerConfiguration } from './configuration.ts'

it('needs nothing in development: all tasks, on servers of this machine', () => {
  expect(readApiConfiguration({})).toMatchObject({ PORT: 5000, SQS_CREATE_QUEUES: true })
  expect(readControllerConfiguration({})).toMatchObject({ PORT: 9464, TASKS: ['sum2', 'mult3', 'surprise'] })
})

it('says all that is missing in production', () => {
  expect(() => readApiConfiguration({ APP_ENV: 'production' })).toThrow(
    /AWS_REGION +is missing.*\n.*POSTGRES_URL +is missing/,
  )
})

it('lets a controller serve some of the tasks, and refuses those that do not exist', () => {
  expect(readControllerConfiguration({ TASKS: 'sum2, mult3' }).TASKS).toEqual(['sum2', 'mult3'])
  expect(() => readControllerConfiguration({ TASKS: 'sum2,divide' })).toThrow('must be some of sum2, mult3, surprise')
})
