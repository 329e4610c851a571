import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/program.ts'
import { finishRun, openRun } from './run-folder.ts'

it('continues the unfinished run of the same input', async () => {
  const work = temporaryFolder()
  const first = await openRun(work, '/in', false)
  expect(first.continued).toBe(false)
  const second = await openRun(work, '/in', false)
  expect(second).toEqual({ ...first, continued: true })
})

it('begins a new one after a finished one, and for another input', async () => {
  const work = temporaryFolder()
  const first = await openRun(work, '/in', false)
  const other = await openRun(work, '/other', false)
  expect(other).toMatchObject({ continued: false })
  expect(other.folder).not.toBe(first.folder)
  await finishRun(first, { jobs: 1 })
  expect(await openRun(work, '/in', false)).toMatchObject({ continued: false })
  expect(await openRun(work, '/other', false)).toEqual({ ...other, continued: true })
})

it('drops the unfinished one when a fresh one is wanted', async () => {
  const work = temporaryFolder()
  const first = await openRun(work, '/in', false)
  const fresh = await openRun(work, '/in', true)
  expect(fresh.continued).toBe(false)
  expect(existsSync(first.folder)).toBe(false)
})

it('keeps the newest runs', async () => {
  const work = temporaryFolder()
  for (let count = 0; count < 8; count++) await finishRun(await openRun(work, '/in', false), {})
  expect(await readdir(join(work, 'runs'))).toHaveLength(5)
})

it('leaves no drafts behind, and does not trip over a folder without a note', async () => {
  const work = temporaryFolder()
  await mkdir(join(work, 'runs', '20200101-000000-dead'), { recursive: true })
  const run = await openRun(work, '/in', false)
  expect(run.continued).toBe(false)
  await writeFile(join(run.thumbnails, 'a.webp.1234.tmp'), 'half')
  await finishRun(run, {})
  expect(await readdir(run.thumbnails)).toEqual([])
})
