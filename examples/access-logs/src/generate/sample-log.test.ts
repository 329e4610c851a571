import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ID, LEVEL, METHOD, REQTIME, textOf, TIME, URI } from '../ltsv/access-line.ts'
import { LineReader } from '../ltsv/line-reader.ts'
import { sampleLog, type SampleOptions } from './sample-log.ts'

const options: fc.Arbitrary<SampleOptions> = fc.record({
  day: fc.constantFrom('2017-11-01', '2024-02-29'),
  lines: fc.nat(1_500),
  uris: fc.integer({ min: 1, max: 300 }),
  seed: fc.nat(2 ** 31 - 1),
  damaged: fc.constantFrom(0, 1),
})

function textOfLog(given: SampleOptions): Buffer {
  return Buffer.concat([...sampleLog(given)])
}

describe('a sample log', () => {
  it('is read back to the letter, line for line; what is damaged is rejected', () => {
    fc.assert(
      fc.property(options, (given) => {
        const log = textOfLog(given)
        const lines = log.toString('latin1').split('\n').slice(0, -1)
        const kept: [number, string][] = []
        const reader = new LineReader({
          keep(number, line, bytes) {
            const [time, id, level, method, uri, reqtime] = [TIME, ID, LEVEL, METHOD, URI, REQTIME].map((label) =>
              textOf(line, label, bytes),
            )
            const text = `time:${time}\tid:${id}\tlevel:${level}\tmethod:${method}\turi:${uri}\treqtime:${reqtime}`
            kept.push([number, text])
          },
          reject() {},
        })
        reader.read(log)
        reader.end(false)
        expect(reader.lines).toBe(given.lines)
        for (const [number, text] of kept) expect(text).toBe(lines[number - 1])
        expect(kept).toHaveLength(given.lines * (1 - given.damaged))
      }),
      { numRuns: 30 },
    )
  })

  it('is the same for the same options, and another for another seed', () => {
    const given = { day: '2017-11-01', lines: 100, uris: 5, seed: 1, damaged: 0 }
    expect(textOfLog(given).equals(textOfLog(given))).toBe(true)
    expect(textOfLog({ ...given, seed: 2 }).equals(textOfLog(given))).toBe(false)
  })
})
