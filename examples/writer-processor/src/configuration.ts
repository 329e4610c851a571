import {
  common,
  ConfigurationError,
  flag,
  list,
  number,
  port,
  readConfiguration,
  sqsDefaults,
  sqsVariables,
  type Variables,
} from '@jobport/example-service'
import { z } from 'zod'

const queue = {
  ...common,
  ...sqsVariables,
  QUEUE_PREFIX: z
    .string()
    .regex(/^[\w-]{0,40}$/, 'must be up to 40 of A-Z a-z 0-9 _ -')
    .default('jobport-'),
  QUEUE_CREATE: flag('whether queues that are missing are made').default(false),
  MAX_RECEIVES: number('after how many receipts SQS gives a message up', { from: 1, to: 1_000 }).default(10),
}

const writer = {
  ...queue,
  PORT: port(3_000),
  MAX_IN_FLIGHT: number('how many messages may be on their way to SQS', { from: 1, to: 100_000 }).default(500),
  BULK_LIMIT: number('how many messages one bulk may have', { from: 1, to: 1_000 }).default(100),
  BODY_LIMIT_KIB: number('how many KiB a body may have', { from: 1, to: 10_240 }).default(1_024),
  SEND_SECONDS: number('how long a caller waits for SQS', { from: 1, to: 60 }).default(5),
}

const processor = {
  ...queue,
  PORT: port(9_464),
  WORK_MS: number('how many milliseconds the work on a message takes', { from: 1, to: 60_000 }).default(100),
  WORK_FAILS_FOR: list('topics for which the simulated work fails').default([]),
  WORK_TIMEOUT_SECONDS: number('how long one attempt may take', { from: 1, to: 3_600 }).default(30),
  TARGET_RATE: number('messages a second that one processor is to manage', { from: 1, to: 10_000 }).default(200),
  HEADROOM_PERCENT: number('how many percent of capacity to have beyond that', { from: 0, to: 400 }).default(50),
  RETRIES: number('attempts after the first', { from: 0, to: 100 }).default(5),
  LONG_POLL_SECONDS: number('how long one request waits for messages', { from: 1, to: 20 }).default(10),
  EFFECTS_FOLDER: z.string().describe('the folder that holds the effects, shared by all processors'),
}

const defaults = { development: { ...sqsDefaults, QUEUE_CREATE: 'true', EFFECTS_FOLDER: 'effects' } }

/** @throws ConfigurationError */
export function readWriterConfiguration(variables: Variables = process.env) {
  const configuration = readConfiguration(writer, { defaults, variables })
  const { APP_ENV, BULK_LIMIT, MAX_IN_FLIGHT } = configuration
  if (MAX_IN_FLIGHT < BULK_LIMIT)
    throw new ConfigurationError(APP_ENV, [
      { variable: 'MAX_IN_FLIGHT', message: 'must be at least BULK_LIMIT, or the largest bulk could never pass' },
    ])
  return configuration
}

/** @throws ConfigurationError */
export function readProcessorConfiguration(variables: Variables = process.env) {
  const configuration = readConfiguration(processor, { defaults, variables })
  const { APP_ENV, MAX_RECEIVES, RETRIES } = configuration
  if (MAX_RECEIVES <= RETRIES)
    throw new ConfigurationError(APP_ENV, [
      { variable: 'MAX_RECEIVES', message: 'must be more than RETRIES, or SQS would give up before the last of them' },
    ])
  return configuration
}

/** @throws ConfigurationError */
export function readQueueConfiguration(variables: Variables = process.env) {
  return readConfiguration(queue, { defaults, variables })
}

export type ProcessorConfiguration = ReturnType<typeof readProcessorConfiguration>
