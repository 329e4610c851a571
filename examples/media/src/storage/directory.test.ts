import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/program.ts'
import { directoryStorage } from './directory.ts'

async function opened() {
  const root = temporaryFolder()
  const storage = directoryStorage(root)
  await storage.open()
  return { root, storage }
}

describe('a directory', () => {
  it('gives back what was stored, in its newest form, and nothing else', async () => {
    const { root, storage } = await opened()
    for (const text of ['first', 'second']) {
      const draft = storage.draft()
      await writeFile(draft, text)
      await storage.store({ 'image-1/original.jpg': draft })
    }
    expect(await readFile((await storage.locate('image-1/original.jpg'))!, 'utf8')).toBe('second')
    expect(await storage.locate('image-1/large.webp')).toBeUndefined()
    expect(await readdir(join(root, 'drafts'))).toEqual([])
  })

  it('removes an item with all its files, and only that', async () => {
    const { storage } = await opened()
    for (const key of ['image-11/a.webp', 'image-11/b.webp', 'image-21/a.webp']) {
      const draft = storage.draft()
      await writeFile(draft, key)
      await storage.store({ [key]: draft })
    }
    await storage.remove('image-11')
    await storage.remove('image-11')
    expect(await storage.locate('image-11/a.webp')).toBeUndefined()
    expect(await storage.locate('image-21/a.webp')).toBeDefined()
  })

  it.each(['../secret', 'image-1/../../x.txt', '/etc/passwd', 'image-1/a/b.txt', 'image-1/.hidden', ''])(
    'takes %j for no key',
    async (key) => {
      const { storage } = await opened()
      await expect(storage.locate(key)).rejects.toThrow('is no key')
    },
  )

  it('forgets drafts that were left behind long ago, and keeps those that may be in use', async () => {
    const { root, storage } = await opened()
    const [old, young] = [storage.draft(), storage.draft()]
    for (const draft of [old, young]) await writeFile(draft, 'x')
    const yesterday = Date.now() / 1_000 - 86_400
    await utimes(old, yesterday, yesterday)
    await directoryStorage(root).open()
    expect((await readdir(join(root, 'drafts'))).map((name) => join(root, 'drafts', name))).toEqual([young])
  })

  it('is found out when it cannot be written to', async () => {
    const root = temporaryFolder()
    await mkdir(join(root, 'items'))
    await expect(directoryStorage(root).check()).rejects.toThrow('ENOENT')
  })
})
