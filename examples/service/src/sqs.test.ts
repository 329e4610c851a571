import { expect, it } from 'vitest'
import { readConfiguration } from './configuration.ts'
import { sqsDefaults, sqsOptions, sqsVariables } from './sqs.ts'

const read = (variables: Readonly<Record<string, string>>) =>
  sqsOptions(readConfiguration(sqsVariables, { defaults: { development: sqsDefaults }, variables }))

it('is an emulator in development', () => {
  expect(read({})).toEqual({
    region: 'us-east-1',
    endpoint: 'http://localhost:4566',
    credentials: { accessKeyId: 'development', secretAccessKey: 'development' },
  })
})

it('is AWS elsewhere, with the keys that the SDK finds where none are given', () => {
  expect(read({ APP_ENV: 'production', AWS_REGION: 'eu-west-1' })).toEqual({ region: 'eu-west-1' })
  expect(
    read({
      APP_ENV: 'production',
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      AWS_SESSION_TOKEN: 'c',
    }),
  ).toEqual({ region: 'eu-west-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' } })
})
