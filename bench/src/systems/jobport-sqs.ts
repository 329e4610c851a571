import { sqsBackend } from '@jobport/sqs-adapter'
import { jobport } from '../jobport.ts'
import { sqsClientOptions } from '../servers/sqs.ts'
import { unfinishedIn } from '../sqs.ts'
import type { CreateSystem } from '../system.ts'

export const create: CreateSystem = () => ({
  ...jobport({
    backend: sqsBackend({ sqs: sqsClientOptions(), create: true, prefix: '', queues: ['default'] }),
    configuration: 'defaults: a standard queue with its dead-letter queue',
    packages: ['@jobport/core', '@jobport/sqs-adapter', '@aws-sdk/client-sqs'],
  }),
  unfinished: () => unfinishedIn('default'),
})
