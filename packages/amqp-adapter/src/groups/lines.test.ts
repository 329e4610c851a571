import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Delivery } from '../receive/delivery.ts'
import { newEnvelope } from '../wire/envelope.ts'
import { Lines } from './lines.ts'

let tag = 0

function delivery(id: string, group: string, past: { rest?: number; returns?: number } = {}): Delivery {
  const envelope = newEnvelope({ id, queue: 'work', name: 'test', payload: '1', headers: {}, group })
  return {
    tag: ++tag,
    envelope: { ...envelope, rest: past.rest },
    returns: past.returns ?? 0,
    consumer: undefined,
    arrivedAt: 0,
  }
}

const add = (lines: Lines, each: Delivery, due = 0): void => lines.add({ delivery: each, due })
const take = (lines: Lines): string | undefined => lines.take(performance.now())?.envelope.id

it('gives one of each group, in the order in which they came', () => {
  const lines = new Lines()
  const [a1, a2, b1] = [delivery('a1', 'a'), delivery('a2', 'a'), delivery('b1', 'b')]
  for (const each of [a1, a2, b1]) add(lines, each)
  expect([take(lines), take(lines), take(lines)]).toEqual(['a1', 'b1', undefined])
  lines.end(a1)
  expect(lines.hasReady).toBe(true)
  expect(take(lines)).toBe('a2')
})

function claimedFirst(): { readonly lines: Lines; readonly original: Delivery; readonly copy: Delivery } {
  const lines = new Lines()
  const original = delivery('a1', 'a')
  for (const each of [original, delivery('a2', 'a')]) add(lines, each)
  expect(take(lines)).toBe('a1')
  return { lines, original, copy: delivery('a1', 'a', { rest: 0 }) }
}

it('waits for the copy of a job that returns', () => {
  const { lines, original, copy } = claimedFirst()
  lines.return(original)
  expect(take(lines)).toBeUndefined()
  add(lines, copy)
  expect(take(lines)).toBe('a1')
  lines.end(copy)
  expect(take(lines)).toBe('a2')
})

it('waits for the copy of that job, whatever else comes before it', () => {
  const { lines, original, copy } = claimedFirst()
  lines.return(original)
  add(lines, delivery('a0', 'a', { rest: 0 }))
  expect(take(lines)).toBeUndefined()
  add(lines, copy)
  expect(take(lines)).toBe('a1')
})

it('does not wait for a copy that came before the outcome of the original', () => {
  const { lines, original, copy } = claimedFirst()
  add(lines, copy)
  expect(take(lines)).toBeUndefined()
  lines.return(original)
  expect(take(lines)).toBe('a1')
  lines.end(copy)
  expect(take(lines)).toBe('a2')
})

it('a job that rests holds its group until it is due, and no other', () => {
  const lines = new Lines()
  const due = performance.now() + 1_000_000
  add(lines, delivery('a1', 'a', { rest: 1_000_000 }), due)
  for (const each of [delivery('a2', 'a'), delivery('b1', 'b')]) add(lines, each)
  expect(lines.nextDue()).toBe(due)
  expect([take(lines), take(lines)]).toEqual(['b1', undefined])
})

it('a job whose lease is over is the next, and has come to nothing once more', () => {
  const lines = new Lines()
  for (const id of ['a1', 'a2']) add(lines, delivery(id, 'a'))
  lines.giveBack(lines.take(0)!)
  expect(lines.take(0)).toMatchObject({ envelope: { id: 'a1' }, returns: 1 })
})

it('of what is delivered again only the first of a group can have been at work', () => {
  const lines = new Lines()
  for (const id of ['a1', 'a2']) add(lines, delivery(id, 'a', { returns: 1 }))
  const first = lines.take(0)!
  expect(first.returns).toBe(1)
  lines.end(first)
  expect(lines.take(0)!.returns).toBe(0)
})

it('never gives two of a group, and all in order, whatever comes of them', () => {
  const step = fc.record({
    group: fc.constantFrom('a', 'b', 'c'),
    outcome: fc.constantFrom('end', 'return', 'give back'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const lines = new Lines()
      const given = steps.map(({ group }, index) => delivery(String(index).padStart(3, '0'), group))
      for (const each of given) add(lines, each)
      const done: Delivery[] = []
      const again = new Set<string>()
      for (;;) {
        const held: Delivery[] = []
        for (let each = lines.take(0); each !== undefined; each = lines.take(0)) held.push(each)
        if (held.length === 0) break
        expect(new Set(held.map(({ envelope }) => envelope.group)).size).toBe(held.length)
        for (const each of held) {
          const { id, group } = each.envelope
          const { outcome } = steps[Number(id)]!
          if (outcome === 'end' || again.has(id)) {
            lines.end(each)
            done.push(each)
            continue
          }
          again.add(id)
          if (outcome === 'give back') lines.giveBack(each)
          else {
            lines.return(each)
            add(lines, delivery(id, group!, { rest: 0 }))
          }
        }
      }
      expect(done).toHaveLength(given.length)
      for (const group of ['a', 'b', 'c']) {
        const ids = done.filter(({ envelope }) => envelope.group === group).map(({ envelope }) => envelope.id)
        expect(ids).toEqual(ids.toSorted())
      }
    }),
  )
})
