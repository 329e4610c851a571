import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NewJob } from '../../contract/job.ts'
import { changeState, Ledger } from '../ledger.ts'
import { Queue } from '../queue.ts'
import { Row, State } from '../row.ts'
import { Heap } from './heap.ts'
import { Leases } from './leases.ts'
import { List, type Link } from './list.ts'
import { Retention } from './retention.ts'

class Item implements Link<Item> {
  readonly key: number
  index = -1
  previous: Item | undefined = undefined
  next: Item | undefined = undefined
  list: List<Item> | undefined = undefined

  constructor(key: number) {
    this.key = key
  }
}

/** The structure answers as the model does. */
function agree(actual: unknown, expected: unknown): void {
  expect(actual).toEqual(expected)
}

function keys(list: List<Item>): { forth: number[]; back: number[] } {
  const forth: number[] = []
  const back: number[] = []
  for (let item = list.head; item !== undefined; item = item.next) forth.push(item.key)
  for (let item = list.tail; item !== undefined; item = item.previous) back.push(item.key)
  return { forth, back }
}

const queue = new Queue('q')
const job: NewJob = { id: 'a', queue: 'q', name: 'n', payload: '1', headers: {} }

function row(sequence = 0): Row {
  return new Row(job, queue, sequence, 0, 0)
}

/** Numbers that choose what to do and with which item. */
const choices = fc.array(fc.tuple(fc.nat(9), fc.nat(1000)), { maxLength: 200 })

describe('list', () => {
  it('is an array in which items are appended, inserted and removed', () => {
    fc.assert(
      fc.property(choices, (steps) => {
        const list = new List<Item>()
        const model: Item[] = []
        for (const [step, at] of steps) {
          const place = model.length === 0 ? 0 : at % model.length
          const item = new Item(at)
          if (step < 4) {
            list.append(item)
            model.push(item)
          } else if (step < 6) {
            list.insertAfter(model[place - 1], item)
            model.splice(place, 0, item)
          } else if (model.length > 0) {
            const [removed] = model.splice(place, 1)
            list.remove(removed!)
            agree(removed!.list, undefined)
          }
        }
        const expected = model.map((item) => item.key)
        expect(keys(list)).toEqual({ forth: expected, back: expected.toReversed() })
      }),
    )
  })
})

describe('heap', () => {
  it('gives out the least first, whatever was removed from its middle', () => {
    fc.assert(
      fc.property(choices, (steps) => {
        const heap = new Heap<Item>((a, b) => a.key < b.key)
        const model: Item[] = []
        for (const [step, at] of steps) {
          if (step < 6) {
            const item = new Item(at)
            heap.add(item)
            model.push(item)
          } else if (model.length > 0) {
            const [removed] = model.splice(at % model.length, 1)
            heap.remove(removed!)
            agree(removed!.index, -1)
          }
          expect(heap.first?.key).toBe(model.length === 0 ? undefined : Math.min(...model.map((item) => item.key)))
        }
      }),
    )
  })
})

describe('leases', () => {
  it('finds the lease that ran out first, among any lengths', () => {
    expect.hasAssertions()
    fc.assert(
      fc.property(choices, (steps) => {
        const leases = new Leases()
        const model: Row[] = []
        let now = 0
        for (const [step, at] of steps) {
          if (step < 4) {
            const held = row()
            held.until = now + 1 + (at % 7) * 10
            leases.add(held, 1 + (at % 7) * 10)
            model.push(held)
          } else if (step < 6) {
            now += at % 30
          } else if (step < 8 && model.length > 0) {
            leases.remove(model.splice(at % model.length, 1)[0]!)
          } else {
            const ends = model.map((held) => held.until)
            const first = leases.expired(now)
            agree(first?.until, ends.some((end) => end <= now) ? Math.min(...ends) : undefined)
            agree(leases.bound <= Math.min(...ends), true)
          }
        }
      }),
    )
  })
})

describe('retention', () => {
  it('lets each row leave once, not early, and no later than the slot', () => {
    fc.assert(
      fc.property(choices, (steps) => {
        const left: Row[] = []
        const retention = new Retention((gone) => left.push(gone))
        const model = new Set<Row>()
        let now = 0
        for (const [step, at] of steps) {
          if (step < 5) {
            const kept = row()
            kept.until = now + at
            retention.add(kept)
            model.add(kept)
          } else if (step < 7) {
            now += at
          } else if (step === 7) {
            const [kept] = model
            if (kept === undefined) continue
            retention.remove(kept)
            model.delete(kept)
          } else if (step === 8) {
            retention.sweep(now, 2)
          } else {
            retention.sweepAll(now)
            for (const kept of model) agree(kept.until <= now, left.includes(kept))
          }
          for (const gone of left) {
            expect(gone.until).toBeLessThanOrEqual(now)
            expect(model.delete(gone)).toBe(true)
          }
          left.length = 0
        }
        retention.sweep(now + 1100, Infinity)
        expect(new Set(left)).toEqual(model)
      }),
    )
  })

  it('does no more in one call than it is allowed to', () => {
    let left = 0
    const retention = new Retention(() => left++)
    for (let index = 0; index < 100; index++) {
      const kept = row()
      kept.until = index
      retention.add(kept)
    }
    retention.sweep(1000, 30)
    expect(left).toBe(30)
  })
})

describe('ledger', () => {
  it('counts and lists each state in the order of enqueueing, across pages', () => {
    const states = [State.waiting, State.scheduled, State.active, State.completed, State.dead, State.cancelled] as const
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(5000)), { maxLength: 300 }), (steps) => {
        const ledger = new Ledger()
        let model: Row[] = []
        for (let index = 0; index < 3000; index++) {
          const added = row(ledger.sequence++)
          ledger.add(added)
          model.push(added)
        }
        for (const [step, at] of steps) {
          const from = model[at % model.length]!
          if (at % 10 === 0) {
            const stop = model.indexOf(from) + 700
            for (const removed of model.slice(model.indexOf(from), stop)) ledger.remove(removed)
            model = model.filter((kept) => kept.page !== undefined)
            if (model.length === 0) break
          } else {
            changeState(from, states[step]!)
          }
        }
        for (const state of states) {
          const expected = model.filter((kept) => kept.state === state)
          expect(ledger.count(state)).toBe(expected.length)
          expect([...ledger.rows(state)]).toEqual(expected)
          expect([...ledger.rows(state, 1500)]).toEqual(expected.filter((kept) => kept.sequence >= 1500))
        }
        expect(ledger.empty).toBe(model.length === 0)
      }),
      { numRuns: 20 },
    )
  })
})
