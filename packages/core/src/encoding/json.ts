import { randomInt } from 'node:crypto'
import type { Encoded } from '../contract/job.ts'
import { pathStep } from '../definition/schema.ts'
import type { Issue } from '../errors/schema-error.ts'

/** Deeper values are refused: some JSON readers give up not far beyond. */
const MAX_DEPTH = 200

/** Thrown by `encode`; callers turn it into an error that names the job. */
export class NotJson extends Error {
  readonly issue: Issue

  constructor(path: string, message: string) {
    super(message)
    this.issue = { path, message }
  }
}

/**
 * JSON text of a value that survives the trip unchanged. `undefined` properties are left out, as JSON does; everything else that JSON would
 * change in silence (NaN, a Date, a Map, `undefined` in an array) is refused.
 * @throws NotJson with the path.
 */
export function encode(value: unknown): Encoded {
  check(value, undefined, 0)
  return JSON.stringify(value)
}

/** The keys from the root to a value, newest first; made of the stack of `check`, so a valid value costs no allocation but this link. */
interface Trail {
  readonly up: Trail | undefined
  readonly key: PropertyKey
}

function check(value: unknown, trail: Trail | undefined, depth: number): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return
    case 'number':
      if (!Number.isFinite(value)) throw refuse(trail, `${value} has no JSON form; use null or text`)
      return
    case 'object':
      if (value !== null) checkObject(value, trail, depth)
      return
    case 'undefined':
      throw refuse(trail, 'undefined has no JSON form; use null')
    case 'bigint':
      throw refuse(trail, 'a bigint has no JSON form; send it as text')
    default:
      throw refuse(trail, `a ${typeof value} has no JSON form; leave it out`)
  }
}

function checkObject(value: object, trail: Trail | undefined, depth: number): void {
  if (depth >= MAX_DEPTH) throw refuse(trail, `nested deeper than ${MAX_DEPTH} levels, or a cycle`)
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index]
      if (isPlain(item)) continue
      check(item, { up: trail, key: index }, depth + 1)
    }
    return
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null && !isForeignPlain(prototype)) {
    throw refuse(trail, `a ${className(value)} has no JSON form; ${remedyFor(value)}`)
  }
  const record = value as Record<string, unknown>
  for (const key of Object.keys(record)) {
    const item = record[key]
    if (isPlain(item) || item === undefined) {
      if (key !== '__proto__' && key !== 'toJSON') continue
    }
    if (key === '__proto__') throw refuse({ up: trail, key }, 'a key named __proto__ is refused')
    if (item !== undefined) check(item, { up: trail, key }, depth + 1)
  }
}

function isPlain(value: unknown): boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    value === null ||
    (typeof value === 'number' && Number.isFinite(value))
  )
}

/** `Object.prototype` of another realm (a vm context) has no prototype of its own and owns `hasOwnProperty`. */
function isForeignPlain(prototype: unknown): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'hasOwnProperty')
}

function className(value: object): string {
  const name: unknown = (value.constructor as { name?: unknown } | undefined)?.name
  return typeof name === 'string' && name !== '' ? name : 'class instance'
}

function remedyFor(value: object): string {
  if (value instanceof Date) return 'send value.toISOString()'
  if (value instanceof Map || value instanceof Set) return 'send an array made of it'
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 'send it as base64 text'
  return 'send a plain object made of it'
}

function refuse(trail: Trail | undefined, message: string): NotJson {
  const keys: PropertyKey[] = []
  for (let at = trail; at !== undefined; at = at.up) keys.unshift(at.key)
  return new NotJson(
    keys.reduce<string>((text, key) => text + pathStep(key, text === ''), ''),
    message,
  )
}

/**
 * The value of JSON text. A key `__proto__`, which `JSON.parse` makes an ordinary property and a careless merge makes a prototype, is dropped.
 * @throws SyntaxError when the text is not JSON.
 */
export function decode(text: Encoded): unknown {
  if (!mayHoldPrototype(text)) return JSON.parse(text)
  return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value))
}

/** The key can also hide behind escapes, all of which begin with these four characters. */
function mayHoldPrototype(text: string): boolean {
  return text.includes('__proto__') || text.includes('\\u00')
}

/** Nobody can know it who writes a text, so each text has to be a whole value: two halves never make one across it. */
const SEPARATOR = randomInt(2 ** 29, 2 ** 30)

/**
 * The values of several texts, parsed as one array, which takes less time than one by one: values of one shape follow each other. `undefined`
 * unless all of them are JSON and simple enough; then `decode` has to be asked one by one.
 */
export function decodeTogether(texts: readonly Encoded[]): unknown[] | undefined {
  // The brackets are joined as well: a text that is put together afterwards would be copied once more to be read.
  const joined = ['[0', ...texts, '0]'].join(`,${SEPARATOR},`)
  if (mayHoldPrototype(joined)) return undefined
  let parsed: unknown[]
  try {
    parsed = JSON.parse(joined) as unknown[]
  } catch {
    return undefined
  }
  if (parsed.length !== 2 * texts.length + 3) return undefined
  for (let index = 1; index < parsed.length; index += 2) if (parsed[index] !== SEPARATOR) return undefined
  return texts.map((_, index) => parsed[2 * index + 2])
}
