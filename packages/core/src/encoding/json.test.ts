import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, decodeTogether, encode, type NotJson } from './json.ts'

function refusal(value: unknown): { path: string; message: string } | undefined {
  try {
    encode(value)
    return undefined
  } catch (error) {
    return (error as NotJson).issue
  }
}

describe('encode', () => {
  it('gives back every JSON value unchanged', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'))
        // A zero loses its sign: the one thing that is not kept, for nobody means it.
        expect(decode(encode(value))).toEqual(JSON.parse(JSON.stringify(value)))
        expect(encode(decode(encode(value)))).toBe(encode(value))
      }),
    )
  })

  it('leaves out what is undefined in an object', () => {
    expect(encode({ a: 1, b: undefined })).toBe('{"a":1}')
  })

  it.each<[string, unknown, string]>([
    ['NaN', { a: [1, { b: NaN }] }, 'a[1].b'],
    ['Infinity', Infinity, ''],
    ['undefined in an array', { list: [undefined] }, 'list[0]'],
    ['undefined', undefined, ''],
    ['a bigint', { 'two words': 1n }, '["two words"]'],
    ['a date', { at: new Date(0) }, 'at'],
    ['a map', new Map(), ''],
    ['bytes', { data: new Uint8Array(2) }, 'data'],
    ['a function', { f: () => 1 }, 'f'],
    ['a symbol', [Symbol('s')], '[0]'],
    ['a class instance', { user: new URL('https://example.org') }, 'user'],
    ['an own __proto__', JSON.parse('{"__proto__": 1}'), '__proto__'],
  ])('refuses %s and says where', (_, value, path) => {
    expect(refusal(value)?.path).toBe(path)
  })

  it('refuses a cycle', () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    expect(refusal(cycle)?.message).toContain('cycle')
  })

  it('takes objects without a prototype and of another realm', async () => {
    const { runInNewContext } = await import('node:vm')
    expect(encode(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}')
    expect(encode(runInNewContext('({ a: [1] })'))).toBe('{"a":[1]}')
  })
})

describe('decode', () => {
  it.each(['{"__proto__":{"admin":true},"a":1}', '{"\\u005f_proto__":{"admin":true},"a":1}'])('drops %s', (text) => {
    const value = decode(text) as object
    expect(Object.keys(value)).toEqual(['a'])
    expect(Object.assign({}, value)).not.toHaveProperty('admin')
  })
})

describe('decodeTogether', () => {
  it('decodes many texts at once', () => {
    const values = [1, 'two', null, { three: [3] }, [], true]
    expect(decodeTogether(values.map(encode))).toEqual(values)
  })

  it.each([
    ['two halves of an array', ['[1', '2]', '3,4']],
    ['two halves of an array and a guess at what stands between', ['[1', '2]', '3,0,4']],
    ['two halves of a string', ['"a', 'b"']],
    ['two values in one', ['1,2', '3']],
    ['nothing', ['', '1']],
    ['a prototype', ['1', '{"__proto__":{}}']],
    ['a prototype behind an escape', ['{"\\u005f_proto__":{}}']],
  ])('refuses %s', (_, texts) => {
    expect(decodeTogether(texts)).toBeUndefined()
  })
})
