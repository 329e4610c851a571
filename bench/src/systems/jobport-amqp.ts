import { amqpBackend } from '@jobport/amqp-adapter'
import { jobport } from '../jobport.ts'
import { amqpUrl, NAMESPACE } from '../servers/rabbitmq.ts'
import type { CreateSystem } from '../system.ts'

export const create: CreateSystem = () =>
  jobport({
    backend: amqpBackend({ url: amqpUrl(), namespace: NAMESPACE }),
    configuration: 'defaults: quorum queues, confirms, mandatory',
    packages: ['@jobport/core', '@jobport/amqp-adapter', 'amqplib'],
  })
