import { memoryBackend } from '@jobport/core'
import { expect, it } from 'vitest'
import { ClientError, createHttp, createLog, measureRequests, observe } from '../src/index.ts'

it('measures requests by their route, whatever their callers make of it', async () => {
  const backend = memoryBackend()
  await backend.open()
  const log = createLog({ service: 'test', environment: 'development', level: 'silent' })
  const { endpoints, registry } = observe({ backend, log })
  const http = await createHttp({ log, title: 'Test', description: '', version: '1.0.0', endpoints })
  measureRequests(http, registry)
  http.get('/things/:id', async () => {
    throw new ClientError(404, 'not-found', 'there is no such thing')
  })
  for (const url of ['/things/1', '/things/2', '/nowhere/1', '/nowhere/2']) await http.inject({ url })

  const metrics = await registry.metrics()
  const counts = metrics.match(/^http_request_duration_seconds_count.*$/gm)
  expect(counts).toEqual([
    'http_request_duration_seconds_count{method="GET",route="/things/:id",status="404"} 2',
    'http_request_duration_seconds_count{method="GET",route="none",status="404"} 2',
  ])
  await http.close()
  await backend.close()
})
