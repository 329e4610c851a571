import { memoryBackend } from '@jobport/core'
import { jobport } from '../jobport.ts'
import type { CreateSystem } from '../system.ts'

export const create: CreateSystem = () =>
  jobport({
    backend: memoryBackend(),
    configuration: 'defaults, every feature on; no durability',
    packages: ['@jobport/core'],
  })
