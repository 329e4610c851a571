import { redisBackend } from '@jobport/redis-adapter'
import { jobport } from '../jobport.ts'
import { redisUrl } from '../servers/redis.ts'
import type { CreateSystem } from '../system.ts'

export const create: CreateSystem = () =>
  jobport({
    backend: redisBackend({ url: redisUrl(), namespace: 'bench' }),
    configuration: 'defaults, every feature on, default retention',
    packages: ['@jobport/core', '@jobport/redis-adapter', 'ioredis'],
  })
