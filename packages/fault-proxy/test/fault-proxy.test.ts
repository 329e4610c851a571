import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { faultProxy, type FaultProxy, type Selection } from '../src/index.ts'
import { Client } from './client.ts'
import { echoServer, type EchoServer } from './echo-server.ts'

let server: EchoServer
let proxy: FaultProxy
const clients: Client[] = []

beforeEach(async () => {
  server = await echoServer()
  proxy = await faultProxy({ host: '127.0.0.1', port: server.port })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy()
  await proxy.close()
  await server.close()
})

async function connected(): Promise<Client> {
  const client = await Client.connect(proxy.port)
  clients.push(client)
  return client
}

/** Which of twenty requests are hit. */
async function hit(selection: Selection, seed = 1): Promise<number[]> {
  await using fresh = await faultProxy({ port: server.port, seed })
  await fresh.inject({ kind: 'cut', ...selection })
  const hits: number[] = []
  for (let request = 1; request <= 20; request++) {
    const client = await Client.connect(fresh.port)
    client.send('x')
    if ((await Promise.race([client.over, client.received('x')])) !== undefined) hits.push(request)
    client.socket.destroy()
  }
  return hits
}

test('without a fault everything passes, both ways and to the end', async () => {
  const client = await connected()
  const large = 'x'.repeat(1_000_000)
  await client.ask('hello')
  await client.ask(large)
  expect(server.executed).toEqual(['hello', large])
  client.socket.end()
  expect(await client.over).toBe('end')
  expect(proxy.counts).toMatchObject({ connections: 1, cut: 0, lost: 0, swallowed: 0 })
  await expect.poll(() => proxy.open).toBe(0)
})

test('cut: the request does not reach the server', async () => {
  await proxy.inject({ kind: 'cut', matching: (request) => request.includes('insert') })
  const client = await connected()
  await client.ask('select')
  client.send('insert')
  expect(await client.over).toBe('ECONNRESET')
  expect(server.executed).toEqual(['select'])
  expect(proxy.counts.cut).toBe(1)
})

test('lose-reply: the server executes it, and the client never hears of it', async () => {
  await proxy.inject({ kind: 'lose-reply', matching: (request) => request.includes('insert'), times: 1 })
  const client = await connected()
  await client.ask('select')
  client.send('insert')
  expect(await client.over).toBe('ECONNRESET')
  expect(client.text).toBe('select\n')
  expect(server.executed).toEqual(['select', 'insert'])
  expect(proxy.counts.lost).toBe(1)
  await (await connected()).ask('insert')
})

test('lose-reply: what is on its way on the same connection is executed as well', async () => {
  await proxy.inject({ kind: 'lose-reply', matching: (request) => request.includes('second') })
  const client = await connected()
  for (const [index, line] of ['slow first', 'slow second', 'slow third'].entries()) {
    client.send(line)
    await expect.poll(() => proxy.counts.requests, { interval: 1 }).toBe(index + 1)
  }
  expect(await client.over).toBe('ECONNRESET')
  expect(server.executed).toEqual(['slow first', 'slow second', 'slow third'])
  expect(client.text).not.toContain('second')
})

test('black-hole: connections stay open and silent, also when the server or the proxy is well again', async () => {
  const before = await connected()
  await before.ask('before')
  await proxy.inject({ kind: 'black-hole' })
  before.send('swallowed')
  for (const socket of server.sockets) socket.end('a push, and the end of the stream\n')
  const during = await connected()
  during.send('swallowed')
  await proxy.heal()
  await (await connected()).ask('after')
  expect(server.executed).toEqual(['before', 'after'])
  expect([before.text, during.text]).toEqual(['before\n', ''])
  expect(await Promise.race([before.over, during.over, sleep(50, 'open')])).toBe('open')
  expect(proxy.counts.swallowed).toBe(2)
  proxy.cut()
  expect(await Promise.all([before.over, during.over])).toEqual(['ECONNRESET', 'ECONNRESET'])
})

test('black-hole with a selection takes only the connection of that request', async () => {
  const [one, other] = [await connected(), await connected()]
  await proxy.inject({ kind: 'black-hole', matching: (request) => request.includes('swallow'), times: 1 })
  one.send('swallow')
  await other.ask('swallow too')
  await other.ask('more')
  expect(one.text).toBe('')
  expect(server.executed).toEqual(['swallow too', 'more'])
})

test('delay: late and in order; what is held arrives when the fault ends', async () => {
  const client = await connected()
  await proxy.inject({ kind: 'delay', ms: 40 })
  const started = performance.now()
  await client.ask('slow')
  expect(performance.now() - started).toBeGreaterThanOrEqual(78)

  await proxy.inject({ kind: 'delay', ms: Infinity })
  for (const line of ['one', 'two', 'three']) client.send(line)
  client.socket.end()
  expect(await Promise.race([client.received('one'), sleep(50, 'held')])).toBe('held')
  await proxy.heal()
  expect(await client.over).toBe('end')
  expect(client.text).toBe('slow\none\ntwo\nthree\n')
})

test('trickle: in small pieces', async () => {
  const client = await connected()
  await proxy.inject({ kind: 'trickle', bytes: 3, ms: 1 })
  await client.ask('0123456789')
  expect(client.text).toBe('0123456789\n')
  expect(client.chunks.length).toBeGreaterThan(2)
})

test('refuse: as if there were no server, until it is healed', async () => {
  const client = await connected()
  await client.ask('before')
  await proxy.inject({ kind: 'refuse' })
  expect(await client.over).toBe('ECONNRESET')
  await expect(Client.connect(proxy.port)).rejects.toThrow('ECONNREFUSED')
  await proxy.heal()
  await (await connected()).ask('after')
})

test('a server that is away looks like one', async () => {
  await server.close()
  const client = await connected()
  expect(await client.over).toBe('ECONNRESET')
  server = await echoServer()
})

test('each n-th request, so many of them, or a share that the seed decides', async () => {
  expect(await hit({ every: 7 })).toEqual([7, 14])
  expect(await hit({ every: 3, times: 2 })).toEqual([3, 6])
  const half = await hit({ share: 0.5 })
  expect(half.length).toBeGreaterThan(4)
  expect(half.length).toBeLessThan(16)
  expect(await hit({ share: 0.5 })).toEqual(half)
  expect(await hit({ share: 0.5 }, 2)).not.toEqual(half)
})

test('close ends every connection and frees the port; twice is fine', async () => {
  const client = await connected()
  await client.ask('x')
  const { port } = proxy
  await proxy.close()
  await proxy.close()
  expect(await client.over).toBe('ECONNRESET')
  await expect(Client.connect(port)).rejects.toThrow('ECONNREFUSED')
  await expect.poll(() => server.sockets.size).toBe(0)
})

test('through puts the proxy into an address and keeps the rest', () => {
  expect(proxy.through('postgres://me:secret@db.example:5432/jobs?x=1')).toBe(
    `postgres://me:secret@127.0.0.1:${proxy.port}/jobs?x=1`,
  )
})

test('a client that leaves is forgotten, by the server as well', async () => {
  const client = await connected()
  await client.ask('x')
  client.socket.resetAndDestroy()
  await once(client.socket, 'close')
  await expect.poll(() => [proxy.open, server.sockets.size]).toEqual([0, 0])
})
