import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { OptionError, toPositiveMs, Unrecoverable, type Duration, type Ms } from '@jobport/core/notify'
import pRetry from 'p-retry'
import { AddressGuard, type Resolve } from './address-guard.ts'

/** What channels that speak HTTP have in common. */
export interface HttpOptions {
  /** Addresses and networks that may be connected to although they are not public, such as `10.1.0.0/16` or `127.0.0.1`. */
  readonly allow?: readonly string[]
  /** Whether `http:` will do. Default: `https:` alone. */
  readonly allowHttp?: boolean
  /** How long the receiver may take for one request. Default 15 s. */
  readonly timeout?: Duration
  /** Within one attempt, how often a request is repeated that found no server, or a gateway without one. Default 2, after 0.2 s and 0.4 s. */
  readonly repeats?: number
  /** For tests: what looks names up. Default: the system. */
  readonly resolve?: Resolve
}

export const HTTP_OPTIONS = ['allow', 'allowHttp', 'timeout', 'repeats', 'resolve'] as const

export interface Reply {
  readonly status: number
  /** What the receiver asked for. */
  readonly retryAfter: Ms | undefined
  /** Its beginning. */
  readonly body: string
}

/** Nobody's answer to a notification is worth more. */
const MOST_OF_BODY = 1_024
const LONGEST_RETRY_AFTER: Ms = 86_400_000
/** Said by a gateway whose server is away for a moment. */
const PASSING: ReadonlySet<number> = new Set([502, 503, 504])

class PassingReply extends Error {
  readonly reply: Reply

  constructor(reply: Reply) {
    super(`status ${reply.status}`)
    this.reply = reply
  }
}

/** Posts to servers that others name, without reaching what is not public. Follows no redirects. */
export class HttpPost {
  readonly #guard: AddressGuard
  readonly #allowHttp: boolean
  readonly #timeout: Ms
  readonly #repeats: number
  readonly #agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) }

  /** @throws OptionError */
  constructor({ allow, allowHttp = false, timeout = '15s', repeats = 2, resolve }: HttpOptions) {
    this.#guard = new AddressGuard(allow, resolve)
    this.#allowHttp = allowHttp
    this.#timeout = toPositiveMs(timeout, 'timeout')
    this.#repeats = repeats
    if (!Number.isInteger(repeats) || repeats < 0) {
      throw new OptionError('repeats', `${repeats} is not usable; give an integer from 0 up`)
    }
  }

  /**
   * The URL, if a request to it could be allowed.
   * @throws Unrecoverable; never with the URL, which may be a secret.
   */
  check(text: string): URL {
    const url = URL.parse(text)
    if (url === null) throw new Unrecoverable('the address of the receiver is no URL')
    const allowed = this.#allowHttp ? ['https:', 'http:'] : ['https:']
    if (!allowed.includes(url.protocol))
      throw new Unrecoverable(`${url.protocol} is not allowed; give an ${allowed.join(' or ')} URL`)
    if (url.username !== '' || url.password !== '')
      throw new Unrecoverable('a URL with a user name or a password is not allowed')
    this.#guard.checkLiteral(url.hostname)
    return url
  }

  /** Looks the name up and checks what it resolves to, without connecting. */
  async verify(text: string): Promise<void> {
    const { hostname } = this.check(text)
    await this.#guard.addressesOf(hostname.replace(/^\[(.*)\]$/, '$1'))
  }

  async send(
    text: string,
    body: string,
    headers: () => Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Reply> {
    const url = this.check(text)
    const once = async (): Promise<Reply> => {
      const reply = await this.#request(url, body, headers(), signal)
      if (PASSING.has(reply.status) && reply.retryAfter === undefined) throw new PassingReply(reply)
      return reply
    }
    try {
      return await pRetry(once, {
        retries: this.#repeats,
        minTimeout: 200,
        signal,
        shouldRetry: ({ error }) =>
          !(error instanceof Unrecoverable) && !signal.aborted && error.name !== 'TimeoutError',
      })
    } catch (error) {
      if (error instanceof PassingReply) return error.reply
      throw error
    }
  }

  close(): void {
    this.#agents.http.destroy()
    this.#agents.https.destroy()
  }

  #request(url: URL, body: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Reply> {
    const isHttps = url.protocol === 'https:'
    const options = {
      method: 'POST',
      agent: isHttps ? this.#agents.https : this.#agents.http,
      lookup: this.#guard.lookup,
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.#timeout)]),
      headers: { 'content-length': Buffer.byteLength(body), 'user-agent': 'jobport-notifier', ...headers },
    }
    return new Promise((resolve, reject) => {
      const request = (isHttps ? httpsRequest : httpRequest)(url, options, (response) => {
        readReply(response).then(resolve, reject)
      })
      request.on('error', (error) => reject(options.signal.aborted ? (options.signal.reason as Error) : error))
      request.end(body)
    })
  }
}

async function readReply(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    // The loop's end destroys the response, and with it the connection.
    if (length >= MOST_OF_BODY) break
  }
  return {
    status: response.statusCode ?? 0,
    retryAfter: toRetryAfter(response.headers['retry-after']),
    body: Buffer.concat(chunks).subarray(0, MOST_OF_BODY).toString('utf8'),
  }
}

/** Seconds or a date; no longer than a day. */
function toRetryAfter(header: string | undefined): Ms | undefined {
  if (header === undefined) return undefined
  const wait = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - Date.now()
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(0, wait), LONGEST_RETRY_AFTER)
}
