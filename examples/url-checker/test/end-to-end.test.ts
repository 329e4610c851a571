import { faultProxy } from '@jobport/fault-proxy'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { PendingCheck } from '../src/checks/pending-check.ts'
import { Client, type Page } from './client.ts'
import { settings, start, startApi, startChecker } from './service.ts'
import { secureSite, site, titled } from './site.ts'

/** Of the checks of a page: the numbers that their paths end with. */
function numbers({ jobs }: Page): readonly number[] {
  return jobs.map(({ url }) => Number(new URL(url).pathname.slice(1)))
}

it('what is submitted is checked and listed, whatever it is', { timeout: 60_000 }, async () => {
  const env = settings()
  const [{ url }] = await Promise.all([startApi(env), startChecker(env)])
  const api = new Client(url)
  const shop = await site((request, response) => {
    if (request.url === '/old') response.writeHead(301, { location: '/' }).end()
    else if (request.url === '/inside') response.writeHead(302, { location: 'http://127.0.0.2/' }).end()
    else if (request.url === '/broken') response.writeHead(500).end()
    else titled('Shop')(request, response)
  })
  const safe = await secureSite(new Date('2031-02-03T04:05:06Z'), titled('Safe'))
  const at = `http://127.0.0.1:${shop.port}`

  expect(await api.submit({ url: `${at}/#part` })).toMatchObject({ status: 202, body: { jobs: [{ url: `${at}/` }] } })
  const urls = [`${at}/old`, `${at}/inside`, `${at}/broken`, `https://127.0.0.1:${safe.port}/`, 'http://localhost/']
  expect(await api.submit({ urls })).toMatchObject({ status: 202, body: { jobs: urls.map((url) => ({ url })) } })

  const checks = await api.completed(6)
  expect(checks.get(`${at}/`)).toMatchObject({ outcome: 'answered', status: 200, title: 'Shop' })
  expect(checks.get(urls[0]!)).toMatchObject({
    outcome: 'answered',
    status: 200,
    hops: [{ status: 301 }, { status: 200 }],
  })
  expect(checks.get(urls[1]!)).toMatchObject({ outcome: 'refused', error: { code: 'address-not-public' } })
  expect(checks.get(urls[2]!)).toMatchObject({ outcome: 'answered', status: 500 })
  expect(checks.get(urls[3]!)).toMatchObject({
    title: 'Safe',
    certificate: { validTo: '2031-02-03T04:05:06.000Z', trusted: false, problem: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  })
  // A name that is looked up: it has an address, ::1, that is not allowed, or only one that is.
  expect(checks.get('http://localhost/')!.outcome).not.toBe('answered')
  expect(await api.pending()).toEqual([])
})

it('pages stay what they were while checks come, and can be narrowed', { timeout: 60_000 }, async () => {
  const env = settings({ CONCURRENCY: '1' })
  const [{ url }] = await Promise.all([startApi(env), startChecker(env)])
  const api = new Client(url)
  const { port } = await site(titled('Page'))
  const submit = async (from: number, to: number): Promise<void> => {
    for (let n = from; n <= to; n++) await api.submit({ url: `http://127.0.0.1:${port}/${n}` })
    await api.completed(to)
  }

  await submit(1, 5)
  const first = await api.page('?limit=2')
  expect([numbers(first), first.total]).toEqual([[5, 4], 5])
  await submit(6, 8)
  const second = await api.page(`?limit=2&after=${first.next}`)
  expect([numbers(second), second.total]).toEqual([[3, 2], 8])
  const last = await api.page(`?limit=2&after=${second.next}`)
  expect([numbers(last), last.next]).toEqual([[1], null])
  expect(await api.page('?outcome=refused')).toEqual({ jobs: [], next: null, total: 0 })
  expect((await api.page('?outcome=answered&limit=1')).total).toBe(8)

  for (const [query, field] of [
    ['limit=0', 'querystring.limit'],
    ['limit=101', 'querystring.limit'],
    ['after=x', 'querystring.after'],
    ['outcome=x', 'querystring.outcome'],
  ])
    expect(await api.get(`/get_jobs?${query}`)).toMatchObject({ status: 400, body: { error: { field } } })
})

it(
  'what cannot be checked is refused with its field, and nothing of the call is taken',
  { timeout: 60_000 },
  async () => {
    const { url } = await startApi(settings({ ALLOWED_ADDRESSES: '' }))
    const api = new Client(url)
    for (const [body, field, words] of [
      [{}, 'body', 'give either url or urls'],
      [{ url: 'https://a.example', urls: ['https://b.example'] }, 'body', 'give either url or urls'],
      [{ url: '' }, 'body.url', 'is empty'],
      [{ url: 'ftp://a.example' }, 'body.url', 'only http: and https:'],
      [{ urls: ['https://a.example', 'nothing much'] }, 'body.urls.1', 'is not a URL'],
      [{ urls: [] }, 'body.urls', ''],
      [{ urls: ['https://a.example', 'http://0x7f.1/'] }, 'body.urls.1', 'is an address that is not public'],
      [{ url: 'http://[::ffff:10.0.0.1]/' }, 'body.url', 'is an address that is not public'],
    ] as const) {
      const refused = await api.submit(body)
      expect(refused).toMatchObject({ status: 400, body: { error: { field } } })
      expect(refused.body.error!.message).toContain(words)
    }
    expect(await api.pending()).toEqual([])
  },
)

it('a URL that waits is not submitted twice; what waits is shown', { timeout: 60_000 }, async () => {
  const { url } = await startApi(settings())
  const api = new Client(url)
  const first = await api.submit({ url: 'Example.org' })
  const second = await api.submit({ urls: ['https://example.org/#x', 'https://example.org/other'] })
  const id = first.body.jobs[0]!.id
  expect(second.body.jobs).toMatchObject([{ id, duplicate: true }, { duplicate: false }])
  expect(await api.pending()).toMatchObject([
    { id, url: 'https://example.org/', state: 'waiting', attempt: 0, error: null },
    { url: 'https://example.org/other' },
  ])
})

it('a site that does not answer is asked again, and then that is the outcome', { timeout: 60_000 }, async () => {
  const env = settings({ SITE_RETRIES: '1' })
  const [{ url }] = await Promise.all([startApi(env), startChecker(env)])
  const api = new Client(url)
  const { port, asked } = await site((request) => request.socket.destroy())
  await api.submit({ url: `http://127.0.0.1:${port}/` })
  await vi.waitFor(async () => {
    const [job] = await api.pending()
    expect(job).toMatchObject({
      state: 'scheduled',
      attempt: 1,
      error: expect.stringContaining('ended the connection'),
    } satisfies Partial<PendingCheck>)
  }, 30_000)
  const checks = await api.completed(1)
  expect([...checks.values()]).toMatchObject([{ outcome: 'failed', error: { code: 'connection-lost' } }])
  expect(asked).toEqual(['/', '/'])
})

it('a worker that is killed in the middle loses nothing', { timeout: 90_000 }, async () => {
  const env = settings()
  const { url } = await startApi(env)
  const api = new Client(url)
  let answering = false
  const { port, asked } = await site((request, response) => {
    // Requests that come while the first worker lives are never answered.
    if (answering) titled('Late')(request, response)
  })
  const first = await startChecker(env)
  await api.submit({ urls: Array.from({ length: 5 }, (_, n) => `http://127.0.0.1:${port}/${n}`) })
  await vi.waitFor(() => expect(asked).toHaveLength(5), 30_000)
  first.process.kill('SIGKILL')
  expect(await first.ended).toBe('SIGKILL')
  expect((await api.page()).total).toBe(0)

  answering = true
  await startChecker(env)
  const checks = await api.completed(5)
  expect([...checks.values()].every(({ title }) => title === 'Late')).toBe(true)
  expect(asked).toHaveLength(10)
})

it('a connection to the broker that is cut is survived by both sides', { timeout: 90_000 }, async () => {
  const broker = new URL(process.env['AMQP_URL']!)
  const proxy = await faultProxy({ port: Number(broker.port), host: broker.hostname })
  onTestFinished(() => proxy.close())
  const env = settings({ AMQP_URL: proxy.through(broker.href) })
  const [{ url, service }, checker] = await Promise.all([startApi(env), startChecker(env)])
  const api = new Client(url)
  const { port } = await site(titled('Here'))
  const at = `http://127.0.0.1:${port}`
  await api.submit({ url: `${at}/before` })
  await api.completed(1)

  await proxy.inject({ kind: 'refuse' })
  // The broker is away: the job is stored, and sent when it is back.
  expect((await api.submit({ url: `${at}/meanwhile` })).status).toBe(202)
  await proxy.heal()
  expect((await api.submit({ url: `${at}/after` })).status).toBe(202)
  expect([...(await api.completed(3)).keys()].toSorted()).toEqual([`${at}/after`, `${at}/before`, `${at}/meanwhile`])
  expect([service.process.exitCode, checker.process.exitCode]).toEqual([null, null])
})

it('outside development only who has a token may submit', { timeout: 60_000 }, async () => {
  const key = { APP_ENV: 'production', SECRET_KEY: 'a key for tests with more than 32 characters' }
  const env = settings(key)
  const token = start('token', key, 'ann', '7')
  expect(await token.ended).toBe(0)
  const { url, service } = await startApi(env)
  const api = new Client(url)
  const job = { url: 'https://example.org' }
  const refused = { status: 401, body: { error: { code: 'token', field: 'headers.authorization' } } }
  expect(await api.submit(job)).toMatchObject(refused)
  expect(await api.submit(job, { authorization: `Bearer ${token.output().trim()}x` })).toMatchObject(refused)
  expect(await api.submit(job, { authorization: `Bearer ${token.output().trim()}` })).toMatchObject({ status: 202 })
  await service.says(/"user":"ann".*"msg":"submitted"/)
  expect(service.output()).not.toContain(token.output().trim())

  const keyless = start('api', settings({ APP_ENV: 'production' }))
  expect(await keyless.ended).toBe(2)
  expect(keyless.output()).toContain('SECRET_KEY  is missing: what signs the tokens of those who may submit')
})

it(
  'both services stop when they are asked to, with a stream open, and the checks that run are finished',
  { timeout: 60_000 },
  async () => {
    const env = settings()
    const [{ url, service }, checker] = await Promise.all([startApi(env), startChecker(env)])
    const api = new Client(url)
    const stream = await fetch(`${url}/live`)
    const { port, asked } = await site((request, response) => {
      setTimeout(() => titled('Slow')(request, response), 300)
    })
    const body = stream.body!.getReader()
    await api.submit({ url: `http://127.0.0.1:${port}/` })
    await vi.waitFor(() => expect(asked).toEqual(['/']), 30_000)
    checker.process.kill('SIGTERM')
    expect(await checker.ended).toBe(0)
    expect([...(await api.completed(1)).values()]).toMatchObject([{ title: 'Slow' }])

    let events = ''
    while (!events.includes('event: outcome')) events += new TextDecoder().decode((await body.read()).value)
    service.process.kill('SIGTERM')
    expect(await service.ended).toBe(0)
    while (!(await body.read()).done);
  },
)

it('the API describes itself', { timeout: 60_000 }, async () => {
  const { url } = await startApi(settings())
  const api = new Client(url)
  const { body } = await api.get<{ readonly paths: object }>('/openapi.json')
  expect(Object.keys(body.paths)).toEqual(['/add_job', '/get_jobs', '/get_pending_jobs', '/live'])
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('jobport_queue_jobs')
})
