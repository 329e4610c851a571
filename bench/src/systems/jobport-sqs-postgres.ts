import { withStore } from '@jobport/core'
import { postgresStore } from '@jobport/postgres-adapter'
import { sqsBackend } from '@jobport/sqs-adapter'
import { jobport } from '../jobport.ts'
import { postgresUrl } from '../servers/postgres.ts'
import { sqsClientOptions } from '../servers/sqs.ts'
import type { CreateSystem } from '../system.ts'

export const create: CreateSystem = () =>
  jobport({
    backend: withStore(
      sqsBackend({ sqs: sqsClientOptions(), create: true, prefix: '', queues: ['default'] }),
      postgresStore({ url: postgresUrl(), schema: 'store' }),
    ),
    configuration: 'defaults: a standard queue with its dead-letter queue, and a Postgres store',
    packages: ['@jobport/core', '@jobport/sqs-adapter', '@jobport/postgres-adapter', '@aws-sdk/client-sqs', 'pg'],
  })
