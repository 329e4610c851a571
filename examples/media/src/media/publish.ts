import { randomUUID } from 'node:crypto'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Where to write what will be `file`: a name of its own beside it, so that neither a crash nor a second attempt leaves a half-written `file`. */
export function temporary(file: string): string {
  return `${file}.${randomUUID().slice(0, 8)}.tmp`
}

/** Gives a finished file its name, in one step and for good: what is recorded as done must be there after a power cut. */
export async function publish(draft: string, file: string): Promise<void> {
  await publishAll([[draft, file]])
}

/** As `publish`, for files that are finished together: the disk is asked less often. */
export async function publishAll(files: readonly (readonly [draft: string, file: string])[]): Promise<void> {
  await Promise.all(files.map(([draft]) => sync(draft)))
  await Promise.all(files.map(([draft, file]) => rename(draft, file)))
  await Promise.all([...new Set(files.map(([, file]) => dirname(file)))].map(sync))
}

/** Removes what killed processes have left behind. `age`: in milliseconds; younger drafts may be someone's who is at work. */
export async function removeDrafts(folder: string, age: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.tmp')) continue
    // Another process may clear up as well, or its owner may publish it just now.
    const found = await stat(join(folder, name)).catch(() => undefined)
    if (found !== undefined && Date.now() - found.mtimeMs >= age) await rm(join(folder, name), { force: true })
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
