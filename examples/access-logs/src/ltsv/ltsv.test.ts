import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ID, LEVEL, METHOD, textOf, URI } from './access-line.ts'
import { LineReader, LONGEST_LINE } from './line-reader.ts'

interface Kept {
  readonly number: number
  readonly time: number
  readonly reqtime: number
  readonly texts: readonly (string | null)[]
}

interface Read {
  readonly kept: Kept[]
  readonly rejected: { readonly number: number; readonly reason: string; readonly text: string }[]
  readonly lines: number
}

function read(parts: readonly (string | Buffer)[], isBroken = false): Read {
  const kept: Kept[] = []
  const rejected: Read['rejected'] = []
  const reader = new LineReader({
    keep: (number, line, bytes) =>
      kept.push({
        number,
        time: line.time,
        reqtime: line.reqtime,
        texts: [ID, LEVEL, METHOD, URI].map((label) => textOf(line, label, bytes)),
      }),
    reject: (number, reason, text) => rejected.push({ number, reason, text: text.toString() }),
  })
  for (const part of parts) reader.read(Buffer.from(part as string))
  reader.end(isBroken)
  expect(reader.lines).toBe(kept.length + rejected.length)
  expect(reader.rejected).toBe(rejected.length)
  return { kept, rejected, lines: reader.lines }
}

const TIME = 'time:2017-11-01 00:00:01'
const LINE = `${TIME}\tid:a1\tlevel:ERROR\tmethod:GET\turi:/api/v1/messages\treqtime:2.301786`
const KEPT = { time: 1_509_494_401, reqtime: 2.301786, texts: ['a1', 'ERROR', 'GET', '/api/v1/messages'] }

describe('a line that is kept', () => {
  it.each([
    ['as servers write it', LINE, KEPT],
    ['with its labels in another order', LINE.split('\t').toReversed().join('\t'), KEPT],
    ['with labels that are not known', `${LINE}\thost:h\tua:Mozilla: 5`, KEPT],
    ['with a colon in a value', `${TIME}\turi:http://a/b:c`, { texts: [null, null, null, 'http://a/b:c'] }],
    ['with no more than time and uri', `${TIME}\turi:/`, { reqtime: Number.NaN, texts: [null, null, null, '/'] }],
    ['with empty values', `${TIME}\tid:\turi:/\treqtime:`, { reqtime: Number.NaN, texts: [null, null, null, '/'] }],
    ['with a reqtime of many digits', `${TIME}\turi:/\treqtime:1000000000000001`, { reqtime: 1_000_000_000_000_001 }],
    ['with a dash for the reqtime', `${TIME}\turi:/\treqtime:-`, { reqtime: Number.NaN }],
    ['with letters of all the world', `${TIME}\turi:/päth/道/🚀`, { texts: [null, null, null, '/päth/道/🚀'] }],
  ])('%s', (_, line, expected) => {
    expect(read([`${line}\n`])).toMatchObject({ kept: [{ number: 1, ...expected }], rejected: [] })
  })

  it.each([
    ['LF', `${LINE}\n${LINE}\n`],
    ['CRLF', `${LINE}\r\n${LINE}\r\n`],
    ['no line end after the last', `${LINE}\n${LINE}`],
  ])('ends with %s', (_, text) => {
    expect(read([text]).kept).toMatchObject([
      { number: 1, ...KEPT },
      { number: 2, ...KEPT },
    ])
  })
})

describe('a line that is rejected', () => {
  it.each([
    ['', 'the line is empty'],
    ['garbage', 'a field has no label'],
    [`${TIME}\turi:/\tgarbage`, 'a field has no label'],
    [`${TIME}\turi:/\t:value`, 'a field has no label'],
    [`${LINE}\t`, 'a field has no label'],
    [`${LINE}\turi:/again`, 'a label stands twice'],
    ['id:a\turi:/', 'there is no time'],
    ['TIME:2017-11-01 00:00:00\turi:/', 'there is no time'],
    [TIME, 'there is no uri'],
    [`${TIME}\turi:`, 'there is no uri'],
    [`${TIME}\turi:/\treqtime:fast`, 'the reqtime is not a number'],
    [`${TIME}\turi:/\treqtime:-1`, 'the reqtime is not a number'],
    [`${TIME}\turi:/\treqtime:1.`, 'the reqtime is not a number'],
    [`${TIME}\turi:/\treqtime:1e3`, 'the reqtime is not a number'],
    [`${TIME}\turi:/a\0b`, 'the line has a NUL byte'],
  ])('%j: %s', (line, reason) => {
    expect(read([`${LINE}\n${line}\n${LINE}\n`])).toMatchObject({
      kept: [{ number: 1 }, { number: 3 }],
      rejected: [{ number: 2, reason, text: line }],
    })
  })

  it.each([
    '2017-11-01',
    '2017-11-01T00:00:00',
    '2017-02-29 00:00:00',
    '1900-02-29 00:00:00',
    '2017-13-01 00:00:00',
    '2017-00-01 00:00:00',
    '2017-11-31 00:00:00',
    '2017-11-01 24:00:00',
    '2017-11-01 00:60:00',
    '2017-11-01 23:59:60',
    '0000-11-01 00:00:00',
    '2017-11-01 00:00:0x',
    '2017-11-01 00:00:00 +0100',
  ])('has the time %s', (time) => {
    expect(read([`time:${time}\turi:/\n`]).rejected).toMatchObject([{ reason: 'the time is not a time' }])
  })

  it('is not UTF-8', () => {
    const line = Buffer.concat([Buffer.from(`${TIME}\turi:/`), Buffer.from([0xc3, 0x28]), Buffer.from('\n')])
    expect(read([line]).rejected).toMatchObject([{ number: 1, reason: 'the line is not UTF-8' }])
  })

  it('is longer than 64 KiB, and shows its beginning', () => {
    const longest = `${TIME}\turi:/`.padEnd(LONGEST_LINE, 'x')
    for (const end of ['\n', '\r\n']) {
      const { kept, rejected } = read([longest + end + longest + 'x' + end + LINE])
      expect(kept.map(({ number }) => number)).toEqual([1, 3])
      expect(rejected).toEqual([{ number: 2, reason: 'the line is too long', text: longest.slice(0, 1_000) }])
    }
  })

  it('is where the file breaks off', () => {
    expect(read([`${LINE}\n${LINE}`], true)).toMatchObject({
      kept: [{ number: 1 }],
      rejected: [{ number: 2, reason: 'the file breaks off in this line', text: LINE }],
    })
    expect(read([`${LINE}\n`], true).rejected).toMatchObject([{ number: 2, text: '' }])
  })
})

describe('a file', () => {
  it('without a byte has no line', () => expect(read([]).lines).toBe(0))

  const anyByte = fc.constantFrom(...Buffer.from('\t\n\r:a0-. \0\xff'))
  const anyText = fc.oneof(
    fc
      .constantFrom(LINE, `${TIME}\turi:/päth`, '\n', '\r\n', '\t', 'x'.repeat(40_000))
      .map((text) => Buffer.from(text)),
    fc.array(anyByte, { maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  )

  it('reads the same, however its bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 12 }), fc.array(fc.nat()), fc.boolean(), (texts, cuts, isBroken) => {
        const file = Buffer.concat(texts)
        const at = [0, ...cuts.map((cut) => cut % (file.length + 1)).toSorted((a, b) => a - b), file.length]
        const parts = at.slice(1).map((end, index) => file.subarray(at[index], end))
        expect(read(parts, isBroken)).toEqual(read([file], isBroken))
      }),
      { numRuns: 300 },
    )
  })

  it('gives times and numbers as JavaScript reads them', () => {
    const times = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
    const numbers = fc.tuple(fc.bigInt(0n, 10n ** 17n), fc.bigInt(0n, 10n ** 8n), fc.boolean())
    fc.assert(
      fc.property(times, numbers, (time, [whole, fraction, hasPoint]) => {
        const text = time.toISOString().slice(0, 19).replace('T', ' ')
        const decimal = hasPoint ? `${whole}.${fraction}` : `${whole}`
        expect(read([`time:${text}\turi:/\treqtime:${decimal}`]).kept).toMatchObject([
          { time: Math.floor(time.getTime() / 1_000), reqtime: Number(decimal) },
        ])
      }),
      { numRuns: 500 },
    )
  })
})
