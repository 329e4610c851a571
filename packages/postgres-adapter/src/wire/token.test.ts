import { expect, it } from 'vitest'
import { handleOf, parsePrefix, Seal } from './token.ts'

const claim = { no: 12_345, attempt: 3, random: 'k3x9' }
const around = [1, 255, 256, 257, 511, 512, 2 ** 31 + 300, 2 ** 45 + 255]

/** As it comes back from whoever wrote it down. */
const plain = <T>(lease: T): T => JSON.parse(JSON.stringify(lease))

it.each([0, 1, 2, 3])('a token says where its job is, whichever block that is in, with flags %i', (flags) => {
  const seal = new Seal('q', claim, flags)
  for (const seq of [...around, ...around.toReversed()]) {
    for (const id of ['0198c5a2-0000-7000-8000-000000000000', 'a', 'order.1.2', '.']) {
      const lease = seal.lease(id, seq)
      const { prefix, seq: own, flags: ownFlags } = handleOf(lease)!
      expect([prefix, own, ownFlags]).toEqual([seal.prefix, seq, flags])
      expect(handleOf(plain(lease))).toEqual({ prefix, seq, flags })
      expect(parsePrefix(prefix)).toEqual(claim)
    }
  }
})

it('no two jobs of a claim have the same token', () => {
  const seal = new Seal('q', claim, 0)
  const tokens = Array.from({ length: 1000 }, (_, at) => seal.lease('a', 200 + at).token)
  expect(new Set(tokens).size).toBe(1000)
})

it('a token of another job, or one that was tampered with, says nothing', () => {
  const lease = plain(new Seal('q', claim, 0).lease('order-1', 700))
  const tokens = [
    '',
    'x',
    '1:x',
    `${lease.token}x`,
    `${lease.token}.`,
    lease.token.replace(/[^.]+\.order/, '74.order'),
    lease.token.replace(/[^.]+\.order/, '00.order'),
    lease.token.replace(/[^.]+\.order/, '.order'),
    lease.token.slice(0, -1),
  ]
  expect(tokens.filter((token) => handleOf({ ...lease, token }) !== undefined)).toEqual([])
  const ids = ['order-2', 'rder-1', 'order-', 'xorder-1']
  expect(ids.filter((id) => handleOf({ ...lease, id }) !== undefined)).toEqual([])
})
