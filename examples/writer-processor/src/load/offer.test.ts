import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { offer } from './offer.ts'
import { lines } from './report.ts'

it('makes all calls at their time, and counts answers, refusals and losses', async () => {
  let served = 0
  const server = createServer((request, response) => {
    served++
    if (served % 10 === 0) return void request.socket.destroy()
    if (served % 2 === 0) response.writeHead(503, { 'retry-after': '1' })
    return void response.end()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/messages`)
  const offered = await offer({ url, body: '{}', rate: 100, seconds: 1 })
  const count = (status: number | 'lost') => offered.answers.get(status)?.count ?? 0
  expect([count(200), count(503), count('lost')]).toEqual([50, 40, 10])
  expect(offered.answers.get(503)!.retryAfter).toBe(40)
  expect(offered.took).toBeGreaterThan(0.9)
  expect(lines(100, 1, offered)).toHaveLength(3)
})
