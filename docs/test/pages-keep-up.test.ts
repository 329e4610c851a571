import { chapters } from '@jobport/conformance'
import * as core from '@jobport/core'
import { readFileSync, readdirSync } from 'node:fs'
import { expect, it } from 'vitest'

const page = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')

it('the guarantees name cases that exist', () => {
  const cited = page('guarantees.md').match(/\b[A-Z]\d+\.\d+\b/g) ?? []
  const known = new Set(chapters.flatMap(({ cases }) => cases.map(({ id }) => id)))
  expect(cited.length).toBeGreaterThan(30)
  expect(cited.filter((id) => !known.has(id))).toEqual([])
})

it('every error class has a section, and nothing else has', () => {
  const classes = Object.keys(core).filter((name) => /^[A-Z]\w*Error$/.test(name) && name !== 'JobportError')
  const sections = [...page('guides/errors.md').matchAll(/^### (\w+)$/gm)].map(([, name]) => name)
  expect(new Set(sections)).toEqual(new Set(classes))
})

it('every decision is in the index', () => {
  const files = readdirSync(new URL('../decisions', import.meta.url)).filter((name) => /^\d/.test(name))
  const linked = [...page('decisions/index.md').matchAll(/\.\/(\d{4}-[\w-]+)/g)].map(([, name]) => `${name}.md`)
  expect(new Set(linked)).toEqual(new Set(files))
})
