import { expect, it } from 'vitest'
import { Batcher } from './batcher.ts'

function recorded(options: { max?: number; inFlight?: number; spread?: number } = {}) {
  const calls: (readonly number[])[] = []
  const open: (() => void)[] = []
  const batcher = new Batcher<number, number>({
    max: 100,
    ...options,
    send: async (items) => {
      calls.push(items)
      await new Promise<void>((resolve) => open.push(resolve))
      if (items.includes(-1)) throw new Error('refused')
      return items.map((item) => item * 10)
    },
  })
  return { calls, batcher, reply: () => open.shift()!(), turn: () => new Promise((resolve) => setImmediate(resolve)) }
}

it('sends what one turn asks for in one call, also when it is asked for after a few awaits', async () => {
  const { calls, batcher, reply, turn } = recorded()
  const later = async (item: number): Promise<number> => {
    for (let hop = 0; hop < item; hop++) await Promise.resolve()
    return batcher.ask(item)
  }
  const replies = Promise.all([0, 1, 2, 3, 4, 5].map(later))
  await turn()
  expect(calls).toEqual([[0, 1, 2, 3, 4, 5]])
  reply()
  expect(await replies).toEqual([0, 10, 20, 30, 40, 50])
})

it('collects while calls are in flight', async () => {
  const { calls, batcher, reply, turn } = recorded({ inFlight: 1 })
  const first = batcher.ask(1)
  await turn()
  const rest = Promise.all([batcher.ask(2), batcher.ask(3)])
  await turn()
  expect(calls).toEqual([[1]])
  reply()
  await first
  await turn()
  expect(calls).toEqual([[1], [2, 3]])
  reply()
  await rest
})

it('cuts batches at their limit and keeps the order', async () => {
  const { calls, batcher, turn } = recorded({ max: 2, inFlight: 9 })
  for (const item of [1, 2, 3, 4, 5]) void batcher.ask(item)
  await turn()
  expect(calls).toEqual([[1, 2], [3, 4], [5]])
})

it('spreads what is there over the calls that may be made, in whole pieces and in order', async () => {
  const { calls, batcher, reply, turn } = recorded({ inFlight: 3, spread: 2 })
  const replies = Array.from({ length: 9 }, (_, item) => batcher.ask(item))
  await turn()
  expect(calls).toEqual([[0, 1, 2, 3], [4, 5, 6, 7], [8]])
  const later = [9, 10, 11].map((item) => batcher.ask(item))
  reply()
  await turn()
  // One call may be made, so it takes all.
  expect(calls[3]).toEqual([9, 10, 11])
  for (const _ of calls.slice(1)) reply()
  expect(await Promise.all([...replies, ...later])).toEqual(Array.from({ length: 12 }, (_, item) => item * 10))
})

it('spreads nothing thinner than one piece', async () => {
  const { calls, batcher, turn } = recorded({ inFlight: 9, spread: 4 })
  for (const item of [1, 2, 3, 4]) void batcher.ask(item)
  await turn()
  expect(calls).toEqual([[1, 2, 3, 4]])
})

it('fails those of a failed call alone', async () => {
  const { batcher, reply, turn } = recorded({ max: 1 })
  const bad = batcher.ask(-1)
  const good = batcher.ask(1)
  await turn()
  reply()
  reply()
  await expect(bad).rejects.toThrow('refused')
  await expect(good).resolves.toBe(10)
})

it('tells when nothing is on its way', async () => {
  const { batcher, reply, turn } = recorded()
  await batcher.idle()
  const asked = batcher.ask(1)
  let idle = false
  const told = batcher.idle().then(() => (idle = true))
  await turn()
  expect(idle).toBe(false)
  reply()
  await Promise.all([asked, told])
})
