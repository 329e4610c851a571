import { z } from 'zod'
import { createLog, readConfiguration, runService } from '../../src/index.ts'

await runService(async () => {
  const { APP_ENV } = readConfiguration({ WHAT: z.string().describe('what to do') }, { variables: {} })
  return { log: createLog({ service: 'test', environment: APP_ENV, level: 'info' }), graceSeconds: 1 }
})
