import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { memoryBackend } from '@jobport/core'
import { describe, expect, it } from 'vitest'
import { createEndpoints, createMetrics, type EndpointsOptions } from '../index.ts'
import { registerMetrics } from '../prometheus.ts'

const unreachable = {
  health: async () => ({ reachable: false, durability: 'none' as const, warnings: [] }),
}

async function ask(options: EndpointsOptions, path: string, method = 'GET') {
  const response = await createEndpoints(options).fetch(new Request(`http://host${path}`, { method }))
  return { status: response.status, body: await response.text(), type: response.headers.get('content-type') }
}

describe('endpoints', () => {
  it('answer metrics in the format of the registry', async () => {
    const registry = registerMetrics(createMetrics({ backend: memoryBackend() }))
    const { status, body, type } = await ask({ metrics: registry }, '/metrics?x=1')
    expect([status, type]).toEqual([200, registry.contentType])
    expect(body).toContain('# TYPE jobport_job_duration_seconds histogram')
  })

  it('are healthy also when the backend is away, and not ready then', async () => {
    expect(await ask({ backend: unreachable }, '/healthz')).toMatchObject({ status: 200, body: 'ok\n' })
    const { status, body } = await ask({ backend: unreachable, checks: { migrated: () => true } }, '/readyz')
    expect([status, JSON.parse(body)]).toEqual([503, { ready: false, checks: { backend: false, migrated: true } }])
    const backend = memoryBackend()
    await backend.open()
    expect(await ask({ backend }, '/readyz')).toMatchObject({ status: 200, type: 'application/json' })
  })

  it('are not ready when a check throws or takes too long, and do not tell why', async () => {
    const checks = {
      throws: () => {
        throw new Error('postgres://ada:s3cret@db')
      },
      hangs: () => new Promise<boolean>(() => {}),
    }
    const { status, body } = await ask({ checks, timeout: 10 }, '/readyz')
    expect([status, body]).toEqual([503, '{"ready":false,"checks":{"throws":false,"hangs":false}}'])
  })

  it('say nothing of why metrics fail', async () => {
    const metrics = { contentType: 'text/plain', metrics: () => Promise.reject(new Error('s3cret')) }
    expect(await ask({ metrics }, '/metrics')).toMatchObject({
      status: 500,
      body: 'the metrics could not be collected\n',
    })
  })

  it('know no other path and no other method', async () => {
    expect((await ask({}, '/metrics')).status).toBe(404)
    expect((await ask({}, '/healthz/x')).status).toBe(404)
    expect((await ask({}, '/healthz', 'POST')).status).toBe(405)
    expect(await ask({}, '/healthz', 'HEAD')).toMatchObject({ status: 200, body: '' })
  })

  it('work in a server of Node', async () => {
    const server = createServer(createEndpoints({ backend: memoryBackend() }).listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const response = await fetch(`http://127.0.0.1:${port}/healthz`)
    expect([response.status, await response.text()]).toEqual([200, 'ok\n'])
    expect((await fetch(`http://127.0.0.1:${port}/nothing`)).status).toBe(404)
    server.close()
  })
})
