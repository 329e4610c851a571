import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createClient } from '../src/push/client.ts'
import { createTokens } from '../src/identity/token.ts'
import { openMailServer } from './mail-server.ts'
import { temporaryFolder } from './program.ts'
import { serve, startStack } from './stack.ts'

const CANARY = 'canary0f4e'

/** A mail server that lets nobody in, so that the password is in the middle of an error. */
async function strictMail(): Promise<number> {
  const server = await openMailServer({
    allowInsecureAuth: true,
    onAuth: (_, __, done) => done(new Error('no')),
  })
  onTestFinished(() => server.close())
  return server.port
}

it('no secret gets into logs, metrics or answers, also when everything fails', { timeout: 180_000 }, async () => {
  const folder = temporaryFolder()
  const file = (name: string, secret: string): string => {
    writeFileSync(join(folder, name), `${secret}\n`)
    return join(folder, name)
  }
  const redis = new URL(process.env['REDIS_URL']!)
  // The server wants no password, and does not mind one.
  redis.password = `redis-${CANARY}`
  const broken = await serve(
    ({ url }, response) => void response.writeHead(url!.startsWith('/b.jpg') ? 404 : 500).end('broken'),
  )
  const secret = `token-${CANARY}-of-thirty-two-characters`
  const stack = await startStack({
    LOG_LEVEL: 'trace',
    FETCH_ALLOW: '127.0.0.1',
    REDIS_URL: '',
    REDIS_URL_FILE: file('redis', redis.href),
    TOKEN_SECRET: '',
    TOKEN_SECRET_FILE: file('token', secret),
    SMTP_URL: '',
    SMTP_URL_FILE: file('smtp', `smtp://media:smtp-${CANARY}@127.0.0.1:${await strictMail()}`),
    SLACK_URL: '',
    SLACK_URL_FILE: file('slack', `${broken.href}services/slack-${CANARY}`),
  })
  const processor = await stack.startProcessor()
  await processor.printed('channel cannot deliver')

  const token = await createTokens(secret).sign({ user: 'ada', email: 'ada@example.org', application: 'test' }, '1h')
  const link = async (url: string): Promise<string> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const answer = await fetch(new URL('/items/link', stack.url), {
      method: 'POST',
      headers,
      body: JSON.stringify({ url }),
    })
    return ((await answer.json()) as { id: string }).id
  }
  // Both kinds of failure: one that is tried again, and one that is final and told to administrators.
  const busy = await link(new URL(`/a.jpg?signature=link-${CANARY}`, broken).href)
  const final = await link(new URL(`/b.jpg?signature=link-${CANARY}`, broken).href)
  const client = createClient(stack.url, token)
  await vi.waitFor(
    async () => {
      expect((await client.item(busy)).failures).toBeGreaterThan(1)
      expect((await client.item(final)).state).toBe('dead')
    },
    { timeout: 60_000, interval: 100 },
  )
  await processor.printed('slack: the receiver answered 500')

  const texts = [stack.producer.output(), processor.output()]
  for (const port of [Number(stack.url.port), processor.port])
    for (const path of ['/metrics', '/healthz', '/readyz', '/items', '/nowhere?x', `/items?after=${'x'.repeat(99)}`])
      texts.push(await (await fetch(`http://127.0.0.1:${port}${path}`)).text())
  for (const id of [busy, final]) texts.push(JSON.stringify(await client.item(id)))
  expect(texts.join('\n')).toContain('attempt failed')
  expect(texts.join('\n').match(new RegExp(`.{0,200}${CANARY}.{0,50}`, 'g')) ?? []).toEqual([])
})
