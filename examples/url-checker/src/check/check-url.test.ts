import { createServer } from 'node:net'
import { AddressGuard, type Resolve } from '@jobport/notifier'
import { describe, expect, it } from 'vitest'
import { freePort } from '../../../../scripts/services/free-port.ts'
import { listen, secureSite, site, titled } from '../../test/site.ts'
import { submittedUrl } from '../url/checkable-url.ts'
import { checkUrl, type CheckOptions } from './check-url.ts'

const loopback: Resolve = async () => [{ address: '127.0.0.1', family: 4 }]
const insideToo: Resolve = async (name) => [
  { address: name === 'inside.example' ? '127.0.0.2' : '127.0.0.1', family: 4 },
]
const mixed: Resolve = async () => ['93.184.216.34', '10.0.0.1'].map((address) => ({ address, family: 4 }))
const local = new AddressGuard(['127.0.0.1'], loopback)

function check(url: string, options: Partial<CheckOptions> = {}) {
  return checkUrl(url, { guard: local, timeout: 10_000, signal: new AbortController().signal, ...options })
}

/** Takes connections, and that is all. */
function silentPort(): Promise<number> {
  return listen(createServer((socket) => socket.on('error', () => {})))
}

/** Fails as the system's resolver does. */
function unresolved(code: string): AddressGuard {
  return new AddressGuard([], () => Promise.reject(Object.assign(new Error(`getaddrinfo ${code}`), { code })))
}

describe('what is reported', () => {
  it('is status, title, address and time', async () => {
    const { port } = await site(titled('Fish &amp; chips'))
    const { report, isPassing } = await check(`http://shop.example:${port}/menu`)
    const url = `http://shop.example:${port}/menu`
    expect(report).toMatchObject({
      outcome: 'answered',
      status: 200,
      title: 'Fish & chips',
      certificate: null,
      error: null,
    })
    expect(report.hops).toMatchObject([{ url, address: '127.0.0.1', status: 200, timing: { tls: null } }])
    const { lookup, connect, wait, total } = report.hops[0]!.timing
    expect(lookup! + connect! + wait!).toBeLessThanOrEqual(total + 0.3)
    expect(total).toBeLessThanOrEqual(report.ms + 0.1)
    expect(isPassing).toBe(false)
  })

  it.each([204, 304, 404, 500, 503])('is an answer of %i as any other: the site is what is checked', async (status) => {
    const { port } = await site((_, response) => void response.writeHead(status).end())
    expect(await check(`http://shop.example:${port}/`)).toMatchObject({
      report: { outcome: 'answered', status, title: null, error: null },
      isPassing: false,
    })
  })

  it('is the certificate, also one that nobody trusts', async () => {
    const { port } = await secureSite(new Date('2030-05-06T07:08:09Z'), titled('Safe'))
    const { report } = await check(`https://localhost:${port}/`)
    expect(report).toMatchObject({ outcome: 'answered', status: 200, title: 'Safe' })
    expect(report.certificate).toEqual({
      subject: 'localhost',
      issuer: 'localhost',
      validFrom: '2026-01-01T00:00:00.000Z',
      validTo: '2030-05-06T07:08:09.000Z',
      trusted: false,
      problem: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    })
    expect(report.hops[0]!.timing.tls).toBeGreaterThan(0)
  })

  it('is no more of a page than its beginning', async () => {
    let written = 0
    const { port } = await site((_, response) => {
      response.setHeader('content-type', 'text/html')
      response.write('<title>Endless</title>')
      const write = (): void => {
        while (response.write('x'.repeat(65_536))) written++
        response.once('drain', write)
      }
      write()
    })
    expect((await check(`http://shop.example:${port}/`)).report).toMatchObject({
      outcome: 'answered',
      title: 'Endless',
    })
    expect(written).toBeLessThan(1_000)
  })

  it('is nothing of what is no page, or comes packed although it must not', async () => {
    const { port } = await site((request, response) => {
      const headers = request.url === '/packed' ? { 'content-encoding': 'gzip' } : { 'content-type': 'image/svg+xml' }
      response.writeHead(200, { 'content-type': 'text/html', ...headers }).end('<title>no</title>')
    })
    for (const path of ['/packed', '/picture'])
      expect((await check(`http://shop.example:${port}${path}`)).report).toMatchObject({ status: 200, title: null })
  })
})

describe('a redirect', () => {
  it('is followed, and each request is reported', async () => {
    const { port, asked } = await site((request, response) => {
      const { url } = request
      if (url === '/a') response.writeHead(301, { location: '/b?c#d' }).end()
      else if (url === '/b?c') response.writeHead(307, { location: `http://other.example:${port}/d` }).end()
      else titled('There')(request, response)
    })
    const { report } = await check(`http://shop.example:${port}/a`)
    expect(report).toMatchObject({ outcome: 'answered', status: 200, title: 'There' })
    expect(report.hops.map(({ url, status }) => [url, status])).toEqual([
      [`http://shop.example:${port}/a`, 301],
      [`http://shop.example:${port}/b?c`, 307],
      [`http://other.example:${port}/d`, 200],
    ])
    expect(asked).toEqual(['/a', '/b?c', '/d'])
  })

  it('without a target, or with another status, is the answer', async () => {
    const { port } = await site(({ url }, response) => {
      if (url === '/a') response.writeHead(302).end()
      else response.writeHead(201, { location: '/made' }).end()
    })
    expect((await check(`http://shop.example:${port}/a`)).report).toMatchObject({ outcome: 'answered', status: 302 })
    expect((await check(`http://shop.example:${port}/b`)).report).toMatchObject({ outcome: 'answered', status: 201 })
  })

  it('that goes round in circles is given up', async () => {
    const { port, asked } = await site((_, response) => void response.writeHead(302, { location: '/' }).end())
    const { report, isPassing } = await check(`http://shop.example:${port}/`)
    expect(report).toMatchObject({ outcome: 'failed', status: 302, error: { code: 'too-many-redirects' } })
    expect([asked.length, isPassing]).toEqual([11, false])
  })

  it.each(['file:///etc/passwd', 'https://ann:secret@shop.example/'])('to %s is not followed', async (location) => {
    const { port } = await site((_, response) => void response.writeHead(302, { location }).end())
    const { report } = await check(`http://shop.example:${port}/`)
    expect(report).toMatchObject({ outcome: 'failed', status: 302, error: { code: 'bad-redirect' } })
    expect(JSON.stringify(report)).not.toContain('secret')
  })

  it.each([
    ['an address', '127.0.0.2'],
    ['an address in another form', '0x7f.2'],
    ['a name of one', 'inside.example'],
    ['where the cloud keeps its keys', '169.254.169.254'],
  ])('to %s that is not public is refused, and what came before is reported', async (_, host) => {
    const inside = await site(titled('Secret'))
    const { port } = await site((_, response) => {
      response.writeHead(302, { location: `http://${host}:${inside.port}/` }).end()
    })
    const { report } = await check(`http://shop.example:${port}/`, {
      guard: new AddressGuard(['127.0.0.1'], insideToo),
    })
    expect(report).toMatchObject({ outcome: 'refused', status: null, error: { code: 'address-not-public' } })
    expect(report.hops.map(({ status }) => status)).toEqual([302, null])
    expect(inside.asked).toEqual([])
  })
})

describe('what is not public is refused', () => {
  /** Ways to say this machine, a private network, or what leads there. */
  const forms = [
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '127.0.0.1.',
    '0x7f.0.0.1',
    '0x7f000001',
    '0177.0.0.1',
    '2130706433',
    '017700000001',
    '127.255.255.254',
    '0.0.0.0',
    '0',
    '10.0.0.1',
    '012.0.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '2852039166',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.168.1.1',
    '192.168.257',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '１２７.０.０.１',
    '127。0。0。1',
    '%31%32%37.0.0.1',
    '[::1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b:1::a00:1]',
    '[2002:7f00:1::]',
    '[2001:0:7f00:1::]',
    '[fc00::1]',
    '[fe80::1]',
    '[fec0::1]',
    '[ff02::1]',
    'localhost',
  ]

  it(`in ${forms.length} forms`, () => expect(forms.length).toBeGreaterThanOrEqual(40))

  it.each(forms)('%s', async (host) => {
    const inside = await site(titled('Secret'))
    const { report, isPassing } = await check(submittedUrl(`http://${host}:${inside.port}/`).href, {
      guard: new AddressGuard(),
    })
    expect(report).toMatchObject({ outcome: 'refused', error: { code: 'address-not-public' } })
    expect(report.hops).toMatchObject([{ address: null, status: null }])
    expect(inside.asked).toEqual([])
    expect(isPassing).toBe(false)
  })

  it('also where a name has one such address among good ones', async () => {
    const { report } = await check('http://shop.example/', { guard: new AddressGuard([], mixed) })
    expect(report.outcome).toBe('refused')
  })

  it('also where a name changes its address after it was looked at', async () => {
    const { port, asked } = await site(titled('Checked'))
    const names: string[] = []
    const rebinding: Resolve = async (name) => {
      names.push(name)
      return [{ address: names.length === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }]
    }
    const guard = new AddressGuard(['127.0.0.1'], rebinding)
    const { report } = await check(`http://rebound.example:${port}/`, { guard })
    expect(report).toMatchObject({ outcome: 'answered', hops: [{ address: '127.0.0.1' }] })
    expect([names, asked]).toEqual([['rebound.example'], ['/']])
    // The next check looks again, and does not connect to what was good before.
    expect((await check(`http://rebound.example:${port}/`, { guard })).report.outcome).toBe('refused')
    expect(asked).toEqual(['/'])
  })
})

describe('no answer', () => {
  it.each([
    ['ENOTFOUND', 'name-not-found'],
    ['EAI_AGAIN', 'name-not-resolved'],
  ])('since the resolver says %s may be over later', async (code, told) => {
    expect(await check('http://nowhere.example/', { guard: unresolved(code) })).toMatchObject({
      report: { outcome: 'failed', status: null, error: { code: told } },
      isPassing: true,
    })
  })

  it('since nobody listens', async () => {
    expect(await check(`http://shop.example:${await freePort()}/`)).toMatchObject({
      report: { outcome: 'failed', error: { code: 'connection-refused' } },
      isPassing: true,
    })
  })

  it('in time', async () => {
    expect(await check(`http://shop.example:${await silentPort()}/`, { timeout: 1_000 })).toMatchObject({
      report: { outcome: 'failed', hops: [{ address: '127.0.0.1', status: null }], error: { code: 'timeout' } },
      isPassing: true,
    })
  })

  it('that is whole in time', async () => {
    const { port } = await site((_, response) => {
      response.setHeader('content-type', 'text/html')
      response.write('<title>half')
    })
    const { report } = await check(`http://shop.example:${port}/`, { timeout: 2_000 })
    expect(report).toMatchObject({ outcome: 'failed', status: 200, title: null, error: { code: 'timeout' } })
  })

  it.each([
    [
      'that is whole',
      'http',
      'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 99\r\n\r\n<title>',
      'connection-lost',
      true,
    ],
    ['at all', 'http', '', 'connection-lost', true],
    ['that is HTTP', 'http', 'SSH-2.0-OpenSSH_9.2\r\n', 'not-http', false],
    ['that is TLS', 'https', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'tls', false],
  ])('%s', async (_, protocol, bytes, code, isPassing) => {
    const port = await listen(
      createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end(bytes))),
    )
    expect(await check(`${protocol}://shop.example:${port}/`)).toMatchObject({
      report: { outcome: 'failed', error: { code } },
      isPassing,
    })
  })

  it('since the worker stops is no finding', async () => {
    const stop = new AbortController()
    const checking = check(`http://shop.example:${await silentPort()}/`, { signal: stop.signal })
    stop.abort(new Error('stopping'))
    await expect(checking).rejects.toThrow('stopping')
  })

  it('for a reason that is not the network is no finding', async () => {
    await expect(check('http://shop.example/', { guard: unresolved('EBUG') })).rejects.toThrow('getaddrinfo EBUG')
  })
})
