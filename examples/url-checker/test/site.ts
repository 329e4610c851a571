import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { generate } from 'selfsigned'
import { onTestFinished } from 'vitest'

/** A site on this machine that a test has checked. */
export interface Site {
  readonly port: number
  /** The paths that it was asked for. */
  readonly asked: readonly string[]
}

/** A site that ends with the test. */
export async function site(answer: RequestListener): Promise<Site> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url!)
    answer(request, response)
  })
  onTestFinished(() => server.closeAllConnections())
  return { port: await listen(server), asked }
}

/** The same with TLS and a certificate for `localhost` that it has signed itself, and that ends at `notAfter`. */
export async function secureSite(notAfter: Date, answer: RequestListener): Promise<Site> {
  const notBeforeDate = new Date('2026-01-01T00:00:00Z')
  const subject = [{ name: 'commonName', value: 'localhost' }]
  const { private: key, cert } = await generate(subject, { notBeforeDate, notAfterDate: notAfter, keyType: 'ec' })
  const asked: string[] = []
  const server = createSecureServer({ key, cert }, (request, response) => {
    asked.push(request.url!)
    answer(request, response)
  })
  onTestFinished(() => server.closeAllConnections())
  return { port: await listen(server), asked }
}

/** Listens on the loopback address until the test ends. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

/** Answers every request with a page of this title. */
export function titled(title: string): RequestListener {
  return (_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(`<title>${title}</title>`)
  }
}
