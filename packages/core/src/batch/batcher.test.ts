import { expect, it } from 'vitest'
import { Batcher } from './batcher.ts'

function recorded(options: { max?: number; inFlight?: number } = {}) {
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
