import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Queue } from './queue.ts'
import { Row } from './row.ts'
import { Rows } from './rows.ts'

const queue = new Queue('q')

function row(id: string): Row {
  return new Row({ id, queue: 'q', name: 'n', payload: '1', headers: {} }, queue, 0, 0, 0)
}

/** As long as the ids that core mints. */
function minted(number: number): string {
  return String(number).padStart(36, '0')
}

it('is a map, in whatever order ids come and go and however long they are', () => {
  const id = fc.oneof(
    { weight: 3, arbitrary: fc.constant('next' as const) },
    { weight: 1, arbitrary: fc.nat(3000).map(minted) },
    { weight: 1, arbitrary: fc.nat(50).map(String) },
  )
  const step = fc.record({ id, repeat: fc.constantFrom(1, 1, 1, 300), removes: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const rows = new Rows()
      const model = new Map<string, Row>()
      let next = 1000
      for (const { id, repeat, removes } of steps) {
        for (let time = 0; time < repeat; time++) {
          const chosen = id === 'next' ? minted(removes ? next - 1 - time : next++) : id
          expect(rows.get(chosen)).toBe(model.get(chosen))
          const known = model.get(chosen)
          if (removes && known !== undefined) {
            rows.remove(known)
            model.delete(chosen)
          } else if (!removes && known === undefined) {
            const added = row(chosen)
            rows.add(added)
            model.set(chosen, added)
          }
          expect(rows.get(chosen)).toBe(model.get(chosen))
        }
      }
      expect(rows.size).toBe(model.size)
      for (const [known, held] of model) expect(rows.get(known)).toBe(held)
    }),
  )
})
