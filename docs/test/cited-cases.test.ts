import { chapters } from '@jobport/conformance'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

it('the guarantees name cases that exist', () => {
  const page = readFileSync(new URL('../guarantees.md', import.meta.url), 'utf8')
  const cited = page.match(/\b[A-Z]\d+\.\d+\b/g) ?? []
  const known = new Set(chapters.flatMap(({ cases }) => cases.map(({ id }) => id)))
  expect(cited.length).toBeGreaterThan(30)
  expect(cited.filter((id) => !known.has(id))).toEqual([])
})
