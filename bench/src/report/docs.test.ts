import { expect, it } from 'vitest'
import { replaceSection } from './docs.ts'

const page = 'before\n<!-- begin of results: core -->\nold\n<!-- end of results: core -->\nafter\n'

it('replaces what lies between the marks and nothing else', () => {
  const text = replaceSection(page, 'core', 'new')
  expect(text).toBe('before\n<!-- begin of results: core -->\n\nnew\n\n<!-- end of results: core -->\nafter\n')
  expect(replaceSection(text, 'core', 'new')).toBe(text)
})

it('says which marks are missing', () => {
  expect(() => replaceSection(page, 'redis', 'new')).toThrow('<!-- begin of results: redis -->')
})
