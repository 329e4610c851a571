import { createLog, runService } from '../../src/index.ts'

await runService(async ({ onStop }) => {
  setInterval(() => {}, 60_000)
  onStop('server', () => new Promise(() => {}))
  return { log: createLog({ service: 'test', environment: 'development', level: 'info' }), graceSeconds: 60 }
})
