import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ClaimedJob } from '../../contract/job.ts'
import { Payloads } from './payloads.ts'

function payloads(texts: readonly string[]): Payloads {
  return new Payloads(texts.map((payload) => ({ payload }) as ClaimedJob))
}

/** What `take` answers, or that it throws. */
function taken(from: Payloads, index: number): unknown {
  try {
    return from.take(index)
  } catch (error) {
    return error instanceof SyntaxError ? 'no JSON' : error
  }
}

it('gives each job its own value, in whatever order they are asked for, and whatever stands beside it', () => {
  // Halves and crumbs that would be whole if a neighbour's text could reach across.
  const text = fc.oneof(
    fc.json(),
    fc.constantFrom('', '[1', '2]', '1,2', '{"a":1', '"b":2}', '"', '1],[2', '{"__proto__":1}'),
  )
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 200 }), fc.nat(3), (texts, stray) => {
      const order = texts.map((_, index) => index)
      for (let at = 0; at < stray; at++) order.push(...order.splice(at * 7, 1))
      const together = payloads(texts)
      for (const index of order) expect(taken(together, index)).toEqual(taken(payloads([texts[index]!]), 0))
    }),
  )
})

it('parses large payloads one by one', () => {
  const texts = Array.from({ length: 5 }, (_, index) => JSON.stringify(String(index).repeat(20_000)))
  const large = payloads(texts)
  for (const [index, text] of texts.entries()) expect(large.take(index)).toBe(JSON.parse(text))
})
