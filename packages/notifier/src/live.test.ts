import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { createQueue, createWorker, defineJob, handle, memoryBackend, type } from '@jobport/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createLive, type LiveEvent, type LiveOptions } from './live.ts'

const encode = defineJob('encode', {
  input: type<{ readonly fail?: string }>(),
  output: type<{ readonly path: string }>(),
  queue: 'videos',
  retry: { retries: 0 },
})

interface Received {
  readonly event?: string
  readonly id?: string
  readonly data: LiveEvent
}

/** A worker, and the endpoint on a real server; a user is whom the query names. */
async function stage(options: Partial<LiveOptions> = {}) {
  const backend = memoryBackend()
  const queue = createQueue(backend)
  const gate = Promise.withResolvers<void>()
  const worker = createWorker(backend, [
    handle(encode, async ({ fail }, { progress }) => {
      progress({ share: 0.5 })
      if (fail === undefined) await gate.promise
      else throw new Error(fail)
      return { path: '/a' }
    }),
  ])
  const live = createLive(backend, {
    authorize: (request) => {
      const user = new URL(request.url).searchParams.get('user')
      return user === null ? undefined : (job) => job.headers.user === user
    },
    queues: ['videos'],
    every: 10,
    ...options,
  })
  const server = createServer((request, response) => {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const headers = new Headers(request.headers as Record<string, string>)
    const { method = 'GET', url = '/' } = request
    const asked = new Request(`http://localhost${url}`, { method, headers, signal: gone.signal })
    void (async () => {
      const answer = await live.fetch(asked)
      response.writeHead(answer.status, Object.fromEntries(answer.headers))
      if (answer.body === null) response.end()
      else {
        Readable.fromWeb(answer.body)
          .on('error', () => {})
          .pipe(response)
      }
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  onTestFinished(async () => {
    gate.resolve()
    await live.close()
    server.closeAllConnections()
    server.close()
    await worker.close()
    await backend.close()
  })
  await worker.start()
  return { live, queue, gate, url, backend }
}

/** The events of a real answer, as they come; what is no event is passed to `onOther`. */
async function* events(response: Response, onOther: (text: string) => void = () => {}): AsyncGenerator<Received> {
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end)
      text = text.slice(end + 2)
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]))
      if (fields['data'] === undefined) onOther(block)
      else yield { ...fields, data: JSON.parse(fields['data']) as LiveEvent }
    }
  }
}

async function open(url: string, headers: Record<string, string> = {}) {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const response = await fetch(url, { headers, signal: stop.signal })
  const iterator = events(response)
  return { response, stop, next: async () => (await iterator.next()).value as Received }
}

describe('the stream', () => {
  it('tells a user of the progress and the outcome of their jobs, and of nobody else', async () => {
    const { queue, gate, url } = await stage()
    const { response, next } = await open(`${url}/?user=ada`)
    expect(response.headers.get('content-type')).toMatch('text/event-stream')
    await queue.enqueue(encode, {}, { headers: { user: 'eve' } })
    await queue.enqueue(encode, { fail: 'no' }, { headers: { user: 'eve' } })
    const { id } = await queue.enqueue(encode, {}, { headers: { user: 'ada' } })
    expect(await next()).toMatchObject({
      event: 'progress',
      data: { job: { id }, state: 'active', progress: { share: 0.5 } },
    })
    gate.resolve()
    const outcome = await next()
    expect(outcome).toMatchObject({
      event: 'outcome',
      data: { job: { id, name: 'encode', queue: 'videos' }, state: 'completed' },
    })
    expect(outcome.id).toMatch(new RegExp(`^\\d+-${id}$`))
    expect(outcome.data).not.toHaveProperty('result')
  })

  it('begins with what was missed since the last event', async () => {
    const { queue, gate, url, live } = await stage()
    gate.resolve()
    const first = await open(`${url}/?user=ada`)
    const one = await queue.enqueue(encode, {}, { headers: { user: 'ada' } })
    let last: Received
    do last = await first.next()
    while (last.event !== 'outcome')
    expect(last.data.job.id).toBe(one.id)
    first.stop.abort()
    await expect.poll(() => live.size).toBe(0)
    const hers = await queue.enqueue(encode, { fail: 'hers' }, { headers: { user: 'eve' } })
    await expect.poll(() => hers.status()).toBe('dead')
    const two = await queue.enqueue(encode, { fail: 'broken' }, { headers: { user: 'ada' } })
    await expect.poll(() => two.status()).toBe('dead')
    const again = await open(`${url}/?user=ada`, { 'last-event-id': last.id! })
    expect(await again.next()).toMatchObject({ event: 'outcome', data: { job: { id: two.id }, state: 'dead' } })
  })

  it('shows results and errors where it is allowed to', async () => {
    const { queue, url } = await stage({ show: ['result', 'error'] })
    const { next } = await open(`${url}/?user=ada`)
    await queue.enqueue(encode, { fail: 'no stream' }, { headers: { user: 'ada' } })
    let event: Received
    do event = await next()
    while (event.event !== 'outcome')
    expect(event.data).toMatchObject({ state: 'dead', error: { name: 'Error', message: 'no stream' } })
  })

  it('tells of an outcome that its watch has missed', async () => {
    const { queue, gate, url, backend } = await stage()
    const { watch } = backend.inspect
    backend.inspect.watch = () => Promise.resolve(async () => {})
    onTestFinished(() => void (backend.inspect.watch = watch))
    const { next } = await open(`${url}/?user=ada`)
    const { id } = await queue.enqueue(encode, {}, { headers: { user: 'ada' } })
    expect(await next()).toMatchObject({ event: 'progress' })
    gate.resolve()
    expect(await next()).toMatchObject({ event: 'outcome', data: { job: { id } } })
  })

  it('says that it is alive, and when to come back', async () => {
    const { url } = await stage({ heartbeat: 10 })
    const stop = new AbortController()
    const response = await fetch(`${url}/?user=ada`, { signal: stop.signal })
    const others: string[] = []
    void events(response, (text) => others.push(text))
      .next()
      .catch(() => {})
    await expect.poll(() => others.slice(0, 2)).toEqual(['retry: 3000', ': alive'])
    stop.abort()
  })

  it('ends for a client that does not read', async () => {
    const { live, queue, gate } = await stage()
    gate.resolve()
    const request = new Request('http://localhost/?user=ada')
    await live.fetch(request)
    expect(live.size).toBe(1)
    await queue.enqueueMany(
      encode,
      Array.from({ length: 1_100 }, () => ({ input: { fail: 'x' }, options: { headers: { user: 'ada' } } })),
    )
    await expect.poll(() => live.size).toBe(0)
  })
})

describe('a request', () => {
  it.each([
    ['without a user', 'GET', '/', 401],
    ['that is none for a stream', 'POST', '/?user=ada', 405],
  ])('%s is refused', async (_, method, path, status) => {
    const { url } = await stage()
    expect((await fetch(`${url}${path}`, { method })).status).toBe(status)
  })

  it('too many is refused', async () => {
    const { url } = await stage({ limit: 1 })
    await open(`${url}/?user=ada`)
    expect((await fetch(`${url}/?user=bob`)).status).toBe(503)
  })
})

it.each([
  [{ queues: ['videos'] }, 'authorize'],
  [{ authorize: () => undefined, queues: [] }, 'queues'],
])('refuses %o', (options, message) => {
  expect(() => createLive(memoryBackend(), options as unknown as LiveOptions)).toThrow(message)
})
