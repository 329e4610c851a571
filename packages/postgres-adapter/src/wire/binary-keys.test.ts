import { expect, it } from 'vitest'
import { keysInBinary } from './binary-keys.ts'
import { keyOf } from './key.ts'

it('writes keys as the server reads an array of UUIDs', () => {
  const keys = ['0189abcd-ef01-7234-8567-89abcdef0f10', keyOf('invoice-1')]
  const head = '00000001 00000000 00000b86 00000002 00000001'
  const elements = keys.map((key) => `00000010 ${key.replaceAll('-', '')}`)
  expect(keysInBinary(keys).toString('hex')).toBe([head, ...elements].join('').replaceAll(' ', ''))
})
