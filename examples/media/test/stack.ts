import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, vi } from 'vitest'
import { freePort } from '../../../scripts/services/free-port.ts'
import { createTokens, type Identity } from '../src/identity/token.ts'
import { openMailServer } from './mail-server.ts'
import { startFile, temporaryFolder, type Program } from './program.ts'

/** A mail as it came. */
export interface Mail {
  readonly id: string
  readonly to: readonly string[]
  readonly subject: string
  readonly body: string
}

/** The parts of the service as processes of their own, with a mail server and a receiver of webhooks. */
export interface Stack {
  readonly producer: Program
  readonly url: URL
  readonly env: Readonly<Record<string, string>>
  readonly mails: readonly Mail[]
  /** Bodies that the webhook got. */
  readonly posts: readonly string[]
  startProcessor(env?: Readonly<Record<string, string>>): Promise<Program & { readonly port: number }>
  token(identity: Omit<Identity, 'application'>): Promise<string>
}

const SECRET = 'a secret for the tests of the media service'

/** A stack with a running producer; `env` is for all its processes. */
export async function startStack(env: Readonly<Record<string, string>> = {}): Promise<Stack> {
  const port = await freePort()
  const [{ mails, smtp }, { posts, webhook }] = await Promise.all([startMail(), startWebhook()])
  const all = {
    NAMESPACE: `media-${randomUUID().slice(0, 8)}`,
    MEDIA_DIR: temporaryFolder(),
    PUBLIC_URL: `http://localhost:${port}`,
    TOKEN_SECRET: SECRET,
    SMTP_URL: smtp,
    ADMIN_EMAILS: 'admins@example.org',
    SLACK_URL: webhook,
    SLACK_ALLOW: '127.0.0.1',
    LEASE_SECONDS: '2',
    ...env,
  }
  const producer = startFile(main('producer'), [], { ...all, PORT: String(port) })
  await ready(producer, port)
  return {
    producer,
    url: new URL(`http://127.0.0.1:${port}`),
    env: all,
    mails,
    posts,
    async startProcessor(more = {}) {
      const port = await freePort()
      const program = startFile(main('processor'), [], { ...all, ...more, PORT: String(port) })
      await ready(program, port)
      return { ...program, port }
    },
    token: (identity) => createTokens(SECRET).sign({ ...identity, application: 'test' }, '1h'),
  }
}

function main(role: string): string {
  return fileURLToPath(new URL(`../src/main/${role}.ts`, import.meta.url))
}

async function ready(program: Program, port: number): Promise<void> {
  await vi.waitFor(
    async () => {
      if (program.hasEnded()) throw new Error(program.output())
      expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
    },
    { timeout: 60_000, interval: 50 },
  )
}

/** Serves on a free port until the test is over. */
export async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<URL> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

async function startWebhook(): Promise<{ readonly posts: string[]; readonly webhook: string }> {
  const posts: string[] = []
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      posts.push(await text(request))
      response.end('ok')
    } catch {
      // A killed sender breaks off.
      response.destroy()
    }
  }
  const url = await serve((request, response) => void take(request, response))
  return { posts, webhook: new URL('/services/T0/B0/x', url).href }
}

async function startMail(): Promise<{ readonly mails: Mail[]; readonly smtp: string }> {
  const mails: Mail[] = []
  async function take(stream: Readable, to: readonly string[], done: (error?: Error) => void): Promise<void> {
    try {
      mails.push(read(await text(stream), to))
      done()
    } catch (error) {
      // A killed sender breaks off.
      done(error as Error)
    }
  }
  const server = await openMailServer({
    authOptional: true,
    onData: (stream, { envelope }, done) => {
      const to = envelope.rcptTo.map(({ address }) => address)
      void take(stream, to, done)
    },
  })
  onTestFinished(() => server.close())
  return { mails, smtp: `smtp://127.0.0.1:${server.port}` }
}

/** As far as the mails of this service go: plain headers, and text that is ASCII. */
function read(source: string, to: readonly string[]): Mail {
  const unfolded = source.replaceAll(/\r\n[ \t]+/g, ' ')
  const header = (name: string): string => new RegExp(`^${name}: (.*)$`, 'im').exec(unfolded)?.[1]?.trim() ?? ''
  return { id: header('Message-ID'), to, subject: header('Subject'), body: source.replaceAll('=\r\n', '') }
}
