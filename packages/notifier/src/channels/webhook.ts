import { checkKnown, OptionError } from '@jobport/core/notify'
import type { Channel, DeliveryAttemptContext, DeliveryResult, Message } from '../channel.ts'
import { HTTP_OPTIONS, HttpPost, type HttpOptions } from '../http/post.ts'
import { resultOf } from '../http/result.ts'
import type { Shown } from '../words/template.ts'
import { keyOf, signed } from './signature.ts'

/** Who gets a webhook. */
export interface WebhookEndpoint {
  readonly url: string
  /** `whsec_` and 24 to 64 random bytes in base64. Several while one takes the place of another: each signs. */
  readonly secret: string | readonly string[]
}

/** Remembers the endpoints that said that they are gone. */
export interface GoneEndpoints {
  has(url: string): boolean | Promise<boolean>
  add(url: string): unknown
}

export interface WebhookChannelOptions extends HttpOptions {
  /** One for all, or one for each recipient; `undefined`: this one has none, and nobody is told. */
  readonly endpoint:
    | WebhookEndpoint
    | ((message: Message) => WebhookEndpoint | undefined | Promise<WebhookEndpoint | undefined>)
  /** What of the job's data is sent. The input is there only where the rule has `input: true`. Default: neither. */
  readonly include?: readonly Shown[]
  /** Where it is remembered that an endpoint answered 410; nothing is sent there any more. Default: a `Set`, which lasts as long as the process. */
  readonly gone?: GoneEndpoints
}

/** The body of a webhook. */
export interface WebhookBody {
  /** `job.completed`, `job.dead`, `job.cancelled`, `job.retrying`, `job.stalled` or `job.digest`. */
  readonly type: string
  /** When it happened, ISO 8601. */
  readonly timestamp: string
  readonly data: {
    readonly id: string
    readonly severity: string
    readonly subject: string
    readonly text: string
    readonly link?: string
    readonly job: { readonly id: string; readonly name: string; readonly queue: string; readonly attempt: number }
    readonly error?: { readonly name: string; readonly message: string }
    readonly digest?: Message['notification']['digest']
    readonly result?: unknown
    readonly input?: unknown
    /** Input and result did not fit. */
    readonly abridged?: true
  }
}

/** Receivers refuse more; Standard Webhooks advises to stay far below. */
const MOST_BYTES = 64 * 1024

/**
 * Posts each message as JSON (`WebhookBody`), signed by the rules of Standard Webhooks: `webhook-id` is the id of the notification, so receivers recognise a
 * repeat. Connects to public addresses alone, follows no redirects, waits as long as `Retry-After` says, and stops at 410.
 * @throws OptionError
 */
export function webhookChannel(options: WebhookChannelOptions): Channel {
  checkKnown(options, [...HTTP_OPTIONS, 'endpoint', 'include', 'gone'], 'webhookChannel')
  const { endpoint, include = [], gone = new Set<string>(), ...http } = options
  return new WebhookChannel(endpoint, include, gone, new HttpPost(http))
}

class WebhookChannel implements Channel {
  readonly #endpoint: WebhookChannelOptions['endpoint']
  readonly #include: readonly Shown[]
  readonly #gone: GoneEndpoints
  readonly #http: HttpPost

  constructor(
    endpoint: WebhookChannelOptions['endpoint'],
    include: readonly Shown[],
    gone: GoneEndpoints,
    http: HttpPost,
  ) {
    this.#endpoint = endpoint
    this.#include = include
    this.#gone = gone
    this.#http = http
    if (typeof endpoint !== 'function') checkEndpoint(endpoint, http)
  }

  async deliver(message: Message, { signal }: DeliveryAttemptContext): Promise<DeliveryResult> {
    const endpoint = typeof this.#endpoint === 'function' ? await this.#endpoint(message) : this.#endpoint
    if (endpoint === undefined) return { status: 'delivered', receipt: 'the recipient has no endpoint' }
    const { url, secret } = endpoint
    if (await this.#gone.has(url))
      return { status: 'permanent', reason: 'the receiver is disabled: it answered 410 before' }
    const body = bodyOf(message, this.#include)
    const secrets = typeof secret === 'string' ? [secret] : secret
    if (secrets.length === 0) throw new OptionError('secret', 'is missing; what is not signed is not sent')
    const headers = () => ({
      'content-type': 'application/json',
      ...signed(message.id, Math.floor(Date.now() / 1_000), body, secrets),
    })
    const reply = await this.#http.send(url, body, headers, signal)
    if (reply.status === 410) await this.#gone.add(url)
    return resultOf(reply)
  }

  async verify(): Promise<void> {
    if (typeof this.#endpoint !== 'function') await this.#http.verify(this.#endpoint.url)
  }

  async close(): Promise<void> {
    this.#http.close()
  }
}

function checkEndpoint({ url, secret }: WebhookEndpoint, http: HttpPost): void {
  try {
    http.check(url)
  } catch (error) {
    throw new OptionError('endpoint.url', (error as Error).message)
  }
  const secrets = typeof secret === 'string' ? [secret] : secret
  if (!Array.isArray(secrets) || secrets.length === 0) throw new OptionError('endpoint.secret', 'is missing')
  secrets.forEach(keyOf)
}

function bodyOf(
  { id, event, severity, subject, text, link, at, notification }: Message,
  include: readonly Shown[],
): string {
  const { job, error, digest, result, input, abridged } = notification
  const body: WebhookBody = {
    type: digest === undefined ? `job.${event}` : 'job.digest',
    timestamp: new Date(at).toISOString(),
    data: {
      id,
      severity,
      subject,
      text,
      ...(link !== undefined && { link }),
      job: { id: job.id, name: job.name, queue: job.queue, attempt: job.attempt },
      ...(error !== undefined && { error: { name: error.name, message: error.message } }),
      ...(digest !== undefined && { digest }),
      ...(abridged && { abridged }),
    },
  }
  const full = JSON.stringify({
    ...body,
    data: {
      ...body.data,
      ...(include.includes('result') && result !== undefined && { result }),
      ...(include.includes('input') && input !== undefined && { input }),
    },
  })
  return Buffer.byteLength(full) <= MOST_BYTES
    ? full
    : JSON.stringify({ ...body, data: { ...body.data, abridged: true } })
}
