import { expect, it } from 'vitest'
import { readProcessorConfiguration, readQueueConfiguration, readWriterConfiguration } from './configuration.ts'

it('needs nothing in development', () => {
  expect(readWriterConfiguration({})).toMatchObject({ PORT: 3_000, QUEUE_CREATE: true, MAX_IN_FLIGHT: 500 })
  expect(readProcessorConfiguration({})).toMatchObject({ PORT: 9_464, WORK_MS: 100, TARGET_RATE: 200, RETRIES: 5 })
})

it('asks for what differs between environments, and makes no queue there', () => {
  expect(() => readProcessorConfiguration({ APP_ENV: 'production' })).toThrow(/AWS_REGION .*\n.*EFFECTS_FOLDER /)
  const { QUEUE_CREATE, SQS_ENDPOINT } = readQueueConfiguration({ APP_ENV: 'production', AWS_REGION: 'eu-west-1' })
  expect([QUEUE_CREATE, SQS_ENDPOINT]).toEqual([false, undefined])
})

it('refuses limits that contradict each other', () => {
  expect(() => readWriterConfiguration({ MAX_IN_FLIGHT: '10', BULK_LIMIT: '11' })).toThrow('MAX_IN_FLIGHT')
  expect(() => readProcessorConfiguration({ RETRIES: '5', MAX_RECEIVES: '5' })).toThrow('MAX_RECEIVES')
})
