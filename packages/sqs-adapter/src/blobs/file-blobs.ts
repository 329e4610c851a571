import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BlobStore } from './blob-store.ts'

/**
 * Blobs as files below a folder that all producers and workers share, one file each. The folder is made when it is missing.
 * @example
 * const backend = sqsBackend({ blobs: fileBlobs('/mnt/shared/jobs') })
 */
export function fileBlobs(folder: string): BlobStore {
  const pathOf = (key: string): string => join(folder, ...key.split('/'))
  return {
    async put(key, text) {
      const path = pathOf(key)
      await mkdir(dirname(path), { recursive: true })
      // Whoever reads finds the whole text or none.
      const unfinished = `${path}.${randomBytes(6).toString('hex')}`
      await writeFile(unfinished, text)
      await rename(unfinished, path)
    },
    async get(key) {
      try {
        return await readFile(pathOf(key), 'utf8')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    async delete(key) {
      await rm(pathOf(key), { force: true })
    },
  }
}
