import { amqpBackend } from '@jobport/amqp-adapter'
import { withStore } from '@jobport/core'
import { postgresStore } from '@jobport/postgres-adapter'
import { jobport } from '../jobport.ts'
import { postgresUrl } from '../servers/postgres.ts'
import { amqpUrl, NAMESPACE } from '../servers/rabbitmq.ts'
import type { CreateSystem } from '../system.ts'

export const create: CreateSystem = () =>
  jobport({
    backend: withStore(
      amqpBackend({ url: amqpUrl(), namespace: NAMESPACE }),
      postgresStore({ url: postgresUrl(), schema: 'store' }),
    ),
    configuration: 'defaults: quorum queues, and a Postgres store',
    packages: ['@jobport/core', '@jobport/amqp-adapter', '@jobport/postgres-adapter', 'amqplib', 'pg'],
  })
