import {
  common,
  flag,
  list,
  number,
  port,
  readConfiguration,
  sqsDefaults,
  sqsVariables,
  url,
  type Variables,
} from '@jobport/example-service'
import { z } from 'zod'
import { TASK_NAMES } from './tasks/catalogue.ts'

const jobs = {
  ...common,
  ...sqsVariables,
  SQS_PREFIX: z.string().default('tasker-').describe('what the names of the queues begin with'),
  SQS_CREATE_QUEUES: flag('whether to create queues that are missing').default(false),
  POSTGRES_URL: url('where the database is', 'postgres:', 'postgresql:'),
  POSTGRES_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,34}$/, 'must be 1 to 35 of a-z, 0-9 and _, and not begin with a digit')
    .default('tasker'),
} as const

const defaults = {
  development: {
    ...sqsDefaults,
    SQS_CREATE_QUEUES: 'true',
    POSTGRES_URL: 'postgres://postgres@localhost:5432/postgres',
  },
}

const controller = {
  ...jobs,
  PORT: port(9464),
  TASKS: list('the tasks to serve')
    .refine((names) => names.every((name) => TASK_NAMES.includes(name)), `must be some of ${TASK_NAMES.join(', ')}`)
    .default([...TASK_NAMES]),
  CONCURRENCY: number('how many jobs of each task to run at once', { from: 1, to: 1_000 }).default(10),
  LEASE_SECONDS: number('after how long the jobs of a dead controller run elsewhere', { from: 2, to: 3_600 }).default(
    30,
  ),
} as const

export function readApiConfiguration(variables?: Variables) {
  return readConfiguration({ ...jobs, PORT: port(5000) }, { defaults, ...(variables && { variables }) })
}

export function readControllerConfiguration(variables?: Variables) {
  return readConfiguration(controller, { defaults, ...(variables && { variables }) })
}

/** What both programs need. */
export type JobsConfiguration = Omit<ReturnType<typeof readApiConfiguration>, 'PORT'>
