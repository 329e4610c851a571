import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { fileEffects } from './effects.ts'

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'jobport-effects-'))
  onTestFinished(() => rmSync(made, { recursive: true }))
  return made
}

it('applies an effect once, and keeps the first', async () => {
  const place = folder()
  const effects = fileEffects(place)
  expect(await effects.has('m-01')).toBe(false)
  expect(await effects.apply('m-01', { n: 1 })).toBe('applied')
  expect(await fileEffects(place).apply('m-01', { n: 2 })).toBe('repeated')
  expect(await effects.has('m-01')).toBe(true)
  expect(readFileSync(join(place, '01', 'm-01.json'), 'utf8')).toBe('{"n":1}\n')
})

it('lets one of many at the same time win, and leaves no drafts', async () => {
  const place = folder()
  const all = await Promise.all(Array.from({ length: 20 }, () => fileEffects(place).apply('m-02', {})))
  expect(all.filter((effect) => effect === 'applied')).toHaveLength(1)
  expect(readdirSync(place)).toEqual(['02'])
})
