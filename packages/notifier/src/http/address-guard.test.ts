import { describe, expect, it, onTestFinished } from 'vitest'
import { sampleMessage } from '../../test/message.ts'
import { context, local, receiver } from '../../test/receiver.ts'
import { AddressGuard, ForbiddenAddressError, slackChannel, type Resolve } from '../index.ts'

/** Ways to write an address that is not public: in a URL, or as what a name resolves to. */
const literal = [
  '127.0.0.1',
  '127.1',
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
  '10.255.255.255',
  '012.0.0.1',
  '100.64.0.1',
  '169.254.169.254',
  '0xa9fea9fe',
  '2852039166',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '192.168.257',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
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
  '[::ffff:a9fe:a9fe]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b:1::a00:1]',
  '[100::1]',
  '[2002:7f00:1::]',
  '[2001:0:7f00:1::]',
  '[2001:db8::1]',
  '[3fff::1]',
  '[fc00::1]',
  '[fd12:3456::1]',
  '[fe80::1]',
  '[fec0::1]',
  '[ff02::1]',
]

async function deliverTo(host: string, resolve?: Resolve): Promise<unknown> {
  const channel = slackChannel({ url: () => `https://${host}/`, repeats: 0, ...(resolve && { resolve }) })
  onTestFinished(() => channel.close!())
  return channel.deliver(sampleMessage(), context)
}

const neverAsked: Resolve = () => Promise.reject(new Error('a name was looked up'))

describe('a host that is an address which is not public is refused', () => {
  it(`in ${literal.length} forms`, () => expect(literal.length).toBeGreaterThanOrEqual(40))

  it.each(literal)('%s', async (host) => {
    await expect(deliverTo(host, neverAsked)).rejects.toThrow(/is, or resolves to, an address that is not public/)
  })
})

describe('a name is refused', () => {
  it.each([
    ['127.0.0.1', 4],
    ['169.254.169.254', 4],
    ['::1', 6],
    ['::ffff:10.0.0.1', 6],
    ['fe80::1', 6],
    ['64:ff9b::a00:1', 6],
    ['not an address', 4],
  ])('that resolves to %s', async (address, family) => {
    await expect(deliverTo('hooks.example.org', async () => [{ address, family }])).rejects.toThrow(/not public/)
  })

  it('of which one address among good ones is not public', async () => {
    const addresses = [
      { address: '93.184.216.34', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ]
    await expect(deliverTo('hooks.example.org', async () => addresses)).rejects.toThrow(/not public/)
  })

  it('localhost, as it is resolved for real', async () => {
    await expect(deliverTo('localhost')).rejects.toThrow(/not public/)
  })
})

it('connects to the very address that was looked at, and looks it up once', async () => {
  const { received, port } = await receiver((response) => response.end())
  const asked: string[] = []
  // The second answer would be another one: a name that is rebound after it was looked at.
  const resolve: Resolve = async (host) => {
    asked.push(host)
    return [{ address: asked.length === 1 ? '127.0.0.1' : '127.0.0.99', family: 4 }]
  }
  const channel = slackChannel({ ...local, url: `http://rebound.example.org:${port}/`, resolve })
  onTestFinished(() => channel.close!())
  await channel.deliver(sampleMessage(), context)
  expect(asked).toEqual(['rebound.example.org'])
  expect(received[0]?.headers.host).toBe(`rebound.example.org:${port}`)
})

it.each(['93.184.216.34', '2606:4700:4700::1111', '8.8.8.8', '172.32.0.1', '100.128.0.1'])(
  '%s is public',
  (address) => {
    expect(new AddressGuard().allows(address)).toBe(true)
  },
)

it('tells by the class of the error that an address is forbidden, whether it is written or looked up', async () => {
  const guard = new AddressGuard([], async () => [{ address: '10.0.0.1', family: 4 }])
  expect(() => guard.checkLiteral('[::1]')).toThrow(ForbiddenAddressError)
  await expect(guard.addressesOf('inside.example.org')).rejects.toThrow(ForbiddenAddressError)
  expect(() => guard.checkLiteral('inside.example.org')).not.toThrow()
})

it('allows what is named, and no more', () => {
  const guard = new AddressGuard(['10.1.0.0/16', 'fd00::/64', '127.0.0.1'])
  expect(['10.1.2.3', 'fd00::7', '127.0.0.1'].map((address) => guard.allows(address))).toEqual([true, true, true])
  expect(['10.2.0.1', 'fd01::7', '127.0.0.2'].map((address) => guard.allows(address))).toEqual([false, false, false])
})

it.each(['10.0.0.0/33', 'example.org', '10.0.0.0/8/8', '10.0.0.0/x', ''])('refuses to allow %s', (network) => {
  expect(() => new AddressGuard([network])).toThrow(/^allow: /)
})
