import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BackendError,
  createQueue,
  createWorker,
  defineJob,
  handle,
  memoryBackend,
  type,
  Unrecoverable,
} from '@jobport/core'
import { createNotifier, fileChannel, logChannel, memoryChannel, slackChannel, webhookChannel } from '@jobport/notifier'
import { emailChannel } from '@jobport/notifier/email'
import { combine, createEndpoints, createLogging, createMetrics } from '@jobport/telemetry'
import { createTracing } from '@jobport/telemetry/opentelemetry'
import { registerMetrics } from '@jobport/telemetry/prometheus'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { memoryLogger } from './memory-logger.ts'
import { TestTracing } from './tracing.ts'

const CARD = 'canary-card-4242'
const PIN = 80_417_723
const PASSWORD = 'canary-password'
const SIGNING_KEY = 'whsec_canarysigningkey'
const CANARIES = /canary|80417723/

const charge = defineJob('shop.charge', {
  input: type<{ card: { number: string; pin: number }; amount: number }>(),
  output: type<{ echo: string }>(),
  secret: ['card'],
  retry: { retries: 0 },
  notify: [{ on: 'finished', to: { role: 'admins' }, input: true }],
})

let folder: string
let sdk: TestTracing
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telemetry-'))
  sdk = new TestTracing()
})
afterEach(async () => {
  await sdk.stop()
  rmSync(folder, { recursive: true })
})

it(
  'no secret reaches a log, an error, a metric, a span, an endpoint or a notification',
  { timeout: 120_000 },
  async () => {
    const printed = (['log', 'info', 'warn', 'error'] as const).map((method) =>
      vi.spyOn(console, method).mockImplementation(() => {}),
    )
    const backend = memoryBackend()
    const logger = memoryLogger()
    const logging = createLogging(logger, {
      redact: charge.secret,
      levels: { started: 'debug', idle: 'debug', completed: 'debug' },
    })
    const metrics = createMetrics({ backend })
    const instrumentation = combine(metrics, logging, createTracing())
    const queue = createQueue(backend, { instrumentation })
    const worker = createWorker(
      backend,
      [
        handle(charge, (input, { job, log, progress }) => {
          logging.for(job).info({ input, url: `postgres://ada:${PASSWORD}@db` }, `charging redis://:${PASSWORD}@cache`)
          progress({ url: `amqp://u:${PASSWORD}@mq` })
          log(`signed with ${SIGNING_KEY}`)
          if (input.amount < 0) return { echo: `charged ${input.card.number}` }
          const cause = new BackendError('denied', 'postgres', `postgres://ada:${PASSWORD}@db: password=${PASSWORD}`)
          throw new Unrecoverable(`card ${input.card.number} / ${input.card.pin}, ${SIGNING_KEY}`, { cause })
        }),
      ],
      { instrumentation },
    )
    worker.on('idle', () => {
      throw new Error(`a listener failed at https://u:${PASSWORD}@api.example`)
    })

    const file = join(folder, 'notifications.ndjson')
    const memory = memoryChannel()
    const http = await receiver()
    const mails: object[] = []
    const local = { allow: ['127.0.0.1'], allowHttp: true }
    const secret = `whsec_${Buffer.from('canary-webhook-signing-key').toString('base64')}`
    const channels = {
      file: fileChannel({ file }),
      log: logChannel({ logger: logging.logger }),
      memory,
      webhook: webhookChannel({ ...local, endpoint: { url: http.url, secret }, include: ['input', 'result'] }),
      slack: slackChannel({ ...local, url: http.url }),
      email: emailChannel({
        from: 'jobs@example.org',
        to: () => 'admins@example.org',
        transport: {
          sendMail: async (mail: object) => {
            mails.push(mail)
            return { response: '250 kept' }
          },
        },
      }),
    }
    const notifier = createNotifier(backend, {
      channels,
      route: () => Object.keys(channels),
      instrumentation: combine(metrics, logging),
    })
    metrics.watchNotifier(notifier)
    const delivered = new Promise<void>((resolve) => {
      let left = 2 * Object.keys(channels).length
      notifier.on('delivered', () => void (--left === 0 && resolve()))
    })
    await Promise.all([worker.start(), notifier.start()])
    const card = { number: CARD, pin: PIN }
    const tickets = await Promise.all([
      queue.enqueue(charge, { card, amount: 5 }),
      queue.enqueue(charge, { card, amount: -5 }),
    ])
    const [dead] = await Promise.all(tickets.map((ticket) => ticket.result().catch((error: unknown) => error)))
    await delivered
    await Promise.all([worker.close(), notifier.close()])

    const endpoints = createEndpoints({ metrics: registerMetrics(metrics), backend })
    const pages = await Promise.all(
      ['/metrics', '/healthz', '/readyz'].map(async (path) =>
        (await endpoints.fetch(new Request(`http://host${path}`))).text(),
      ),
    )
    const [record] = await backend.inspect.find([tickets[0].id])
    const sinks = {
      log: JSON.stringify(logger.lines),
      console: JSON.stringify(printed.flatMap((spy) => spy.mock.calls).map((call) => call.map(shown))),
      stored: JSON.stringify(record!.errors),
      thrown: shown(dead),
      pages: pages.join('\n'),
      spans: JSON.stringify(
        sdk.spans.map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
      ),
      file: readFileSync(file, 'utf8'),
      memory: JSON.stringify(memory.messages),
      http: http.bodies.join('\n'),
      email: JSON.stringify(mails),
    }
    vi.restoreAllMocks()
    // Each has something to tell, or it proves nothing.
    for (const [sink, text] of Object.entries(sinks)) {
      const tells = sink === 'console' || text.includes('***') || text.includes('shop.charge')
      expect([sink, tells]).toEqual([sink, true])
      expect([sink, CANARIES.exec(text)?.input.slice(0, 2_000)]).toEqual([sink, undefined])
    }
    expect(logger.lines.map(({ message }) => message)).toContain('attempt failed')
  },
)

function shown(value: unknown): string {
  return value instanceof Error
    ? `${value.name} ${value.message} ${value.stack} ${shown(value.cause)}`
    : JSON.stringify(value)
}

/** An HTTP server that keeps what is posted to it. */
async function receiver(): Promise<{ readonly url: string; readonly bodies: readonly string[] }> {
  const bodies: string[] = []
  const keep = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      bodies.push(await text(request))
      response.end('ok')
    } catch {
      // A sender that gives up breaks off.
      response.destroy()
    }
  }
  const server = createServer((request, response) => void keep(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, bodies }
}
