import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { UsageError } from '../command.ts'

/**
 * The files that are meant: those that are named, and every `*.gz` of the folders that are named, in all their subfolders.
 * @throws UsageError
 */
export async function findFiles(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map((path) => filesAt(resolve(path))))
  return [...new Set(found.flat())]
}

async function filesAt(path: string): Promise<readonly string[]> {
  const what = await stat(path).catch(() => undefined)
  if (what === undefined) throw new UsageError(`there is no ${path}`)
  if (!what.isDirectory()) return [path]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.gz'))
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted()
}
