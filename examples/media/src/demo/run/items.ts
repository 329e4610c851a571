import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'

const KINDS: Readonly<Record<string, Item['kind']>> = {
  ...Object.fromEntries(
    ['avif', 'gif', 'jpeg', 'jpg', 'png', 'tif', 'tiff', 'webp'].map((end) => [`.${end}`, 'image']),
  ),
  ...Object.fromEntries(['avi', 'm4v', 'mkv', 'mov', 'mp4', 'webm', 'y4m'].map((end) => [`.${end}`, 'video'])),
}

/** Those who hand in the media of this demonstration. */
const USERS = ['ada', 'grace', 'katherine', 'margaret'] as const

/** One file to be worked on. */
export interface Item {
  /** Derived from the file's name, size and time: the same file is the same job, however often it is handed in. */
  readonly id: string
  readonly kind: 'image' | 'video'
  /** Relative to the input folder, with `/`. */
  readonly name: string
  readonly source: string
  readonly user: string
}

/** The images and videos in a folder and its subfolders, by name. Hidden files and folders are left alone, as is what lies in `except`. */
export async function listItems(folder: string, except?: string): Promise<readonly Item[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && KINDS[extname(entry.name).toLowerCase()] !== undefined)
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => except === undefined || !file.startsWith(except + sep))
    .map((source) => ({ source, name: relative(folder, source).split(sep).join('/') }))
    .filter(({ name }) => !name.split('/').some((part) => part.startsWith('.')))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return Promise.all(files.map(({ source, name }) => toItem(source, name)))
}

async function toItem(source: string, name: string): Promise<Item> {
  const { size, mtimeMs } = await stat(source)
  const print = createHash('sha256')
    .update(JSON.stringify([name, size, mtimeMs]))
    .digest()
  const slug = name.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')
  return {
    id: `${slug.slice(0, 40)}-${print.toString('base64url').slice(0, 10)}`,
    kind: KINDS[extname(name).toLowerCase()]!,
    name,
    source,
    user: USERS[print[0]! % USERS.length]!,
  }
}
