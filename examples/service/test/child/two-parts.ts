import { createLog, runService } from '../../src/index.ts'

await runService(async ({ onStop }) => {
  const alive = setInterval(() => {}, 60_000)
  onStop('backend', () => {
    clearInterval(alive)
    console.log('then backend')
  })
  onStop('server', () => console.log('first server'))
  return { log: createLog({ service: 'test', environment: 'development', level: 'info' }), graceSeconds: 1 }
})
