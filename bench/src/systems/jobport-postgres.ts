import { postgresBackend } from '@jobport/postgres-adapter'
import { jobport } from '../jobport.ts'
import { postgresUrl } from '../servers/postgres.ts'
import type { CreateSystem } from '../system.ts'

export const create: CreateSystem = () =>
  jobport({
    backend: postgresBackend({ url: postgresUrl() }),
    configuration: 'defaults, every feature on, default retention',
    packages: ['@jobport/core', '@jobport/postgres-adapter', 'pg'],
  })
