import { request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as requestHttps, type RequestOptions } from 'node:https'
import type { LookupFunction } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { AddressGuard } from '@jobport/notifier'
import type { Certificate, Hop } from '../report/report.ts'
import { certificateOf } from './certificate.ts'
import { Stopwatch } from './stopwatch.ts'
import { titleOf } from './title.ts'

/** A title stands at the beginning; nobody's page is read to its end. */
const MOST_OF_BODY = 256 * 1024
const HEADERS = {
  accept: 'text/html, */*;q=0.5',
  // A small body can unfold into a large one.
  'accept-encoding': 'identity',
  'user-agent': 'jobport-url-checker (+https://github.com/jobport/jobport)',
}

/** One request and what became of it. */
export interface Exchange {
  readonly hop: Hop
  readonly certificate: Certificate | null
  /** What the answer says in its header, if it does. */
  readonly location: string | undefined
  readonly title: string | null
  /** Why there was no answer, or not all of it. */
  readonly error: unknown
}

/** Requests a URL, once. Never rejects: an error is a part of what was seen, as is all that was seen before it. */
export async function exchange(url: URL, guard: AddressGuard, signal: AbortSignal): Promise<Exchange> {
  const watch = new Stopwatch()
  const seen: { certificate: Certificate | null; address: string | null; response?: IncomingMessage } = {
    certificate: null,
    address: null,
  }
  let title: string | null = null
  let error: unknown
  try {
    guard.checkLiteral(url.hostname)
    const request = send(url, guard, watch, signal)
    request.once('socket', (socket) => {
      socket.once('connect', () => {
        watch.mark('connect')
        seen.address = socket.remoteAddress ?? null
      })
      socket.once('secureConnect', () => {
        watch.mark('tls')
        if (socket instanceof TLSSocket) seen.certificate = certificateOf(socket)
      })
    })
    seen.response = await answerOf(request)
    watch.mark('wait')
    title = await readTitle(seen.response)
  } catch (caught) {
    error = signal.aborted ? signal.reason : caught
  }
  const status = seen.response?.statusCode ?? null
  return {
    hop: { url: url.href, address: seen.address, status, timing: watch.read() },
    certificate: seen.certificate,
    location: seen.response?.headers.location,
    title,
    error,
  }
}

function send(url: URL, guard: AddressGuard, watch: Stopwatch, signal: AbortSignal): ClientRequest {
  const lookup: LookupFunction = (host, options, callback) =>
    guard.lookup(host, options, (...answer) => {
      watch.mark('lookup')
      callback(...answer)
    })
  const options: RequestOptions = {
    lookup,
    signal,
    headers: HEADERS,
    // No connection is shared: each goes to an address that was checked for it.
    agent: false,
    // A certificate that is not trusted is something to report. Nothing secret is sent, and nothing that comes back is relied on.
    rejectUnauthorized: false,
  }
  const request = url.protocol === 'https:' ? requestHttps(url, options) : requestHttp(url, options)
  return request.end()
}

function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve)
    // More than once: a connection may break after it was given up.
    request.on('error', reject)
  })
}

async function readTitle(response: IncomingMessage): Promise<string | null> {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = response.headers
  if (!/^\s*(text\/html|application\/xhtml\+xml)\b/i.test(type) || encoding !== 'identity') {
    response.destroy()
    return null
  }
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    // The loop's end destroys the response, and with it the connection.
    if (length >= MOST_OF_BODY) break
  }
  return titleOf(Buffer.concat(chunks).subarray(0, MOST_OF_BODY), type)
}
