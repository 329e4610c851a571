import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/program.ts'
import { listItems } from './items.ts'

async function folderOf(...names: readonly string[]): Promise<string> {
  const folder = temporaryFolder()
  for (const name of names) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), name)
  }
  return folder
}

it('finds images and videos in all folders, by name, and leaves the rest', async () => {
  const folder = await folderOf(
    'b.JPG',
    'a.png',
    'sub/dir/c.webp',
    'clip.mp4',
    'notes.txt',
    '.hidden/d.png',
    '.e.png',
    'work/f.png',
  )
  const items = await listItems(folder, join(folder, 'work'))
  expect(items.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
    'image a.png',
    'image b.JPG',
    'video clip.mp4',
    'image sub/dir/c.webp',
  ])
})

it('gives the same file the same id, and a changed one another', async () => {
  const folder = await folderOf('a.png')
  const id = async (): Promise<string> => (await listItems(folder))[0]!.id
  const first = await id()
  expect(await id()).toBe(first)
  await utimes(join(folder, 'a.png'), 1_000, 1_000)
  const touched = await id()
  expect(touched).not.toBe(first)
  await writeFile(join(folder, 'a.png'), 'longer than before')
  await utimes(join(folder, 'a.png'), 1_000, 1_000)
  expect(await id()).not.toBe(touched)
})

it('makes ids of any name', async () => {
  const folder = await folderOf(`${'ä ö/ü'.repeat(30)}.png`, '日本.png', 'a b.png', 'a-b.png')
  const ids = (await listItems(folder)).map(({ id }) => id)
  expect(new Set(ids).size).toBe(4)
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9._:-]{1,64}$/)
})
