import { randomUUID } from 'node:crypto'
import { access, constants, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { publishAll, removeDrafts } from '../media/publish.ts'
import type { Storage } from './storage.ts'

/** What a killed process left behind goes when it is older than any work may take. */
const DRAFTS_LEAVE_AFTER = 2 * 3_600_000

/** Files in a directory that producers and processors share: a volume, or one of a file server. Drafts lie in it too, so that a rename is enough. */
export function directoryStorage(root: string): Storage {
  const drafts = join(root, 'drafts')
  return {
    async open() {
      await mkdir(drafts, { recursive: true })
      await removeDrafts(drafts, DRAFTS_LEAVE_AFTER)
    },
    draft: () => join(drafts, `${randomUUID()}.tmp`),
    async store(drafts) {
      const files = Object.entries(drafts).map(([key, draft]) => [draft, pathOf(root, key)] as const)
      for (const [, file] of files) await mkdir(dirname(file), { recursive: true })
      await publishAll(files)
    },
    async locate(key) {
      const file = pathOf(root, key)
      return access(file, constants.R_OK).then(
        () => file,
        () => undefined,
      )
    },
    async remove(folder) {
      await rm(pathOf(root, folder), { recursive: true, force: true })
    },
    check: () => access(drafts, constants.W_OK),
  }
}

/** Items share folders by the end of their ids, so that none of them grows to hundreds of thousands. */
function pathOf(root: string, key: string): string {
  if (!/^[\w-]{2,100}(\/[\w-]+\.\w+)?$/.test(key)) throw new Error(`${JSON.stringify(key)} is no key`)
  const [folder] = key.split('/')
  return join(root, 'items', folder!.slice(-2), key)
}
