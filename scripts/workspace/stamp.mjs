import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tools } from './paths.mjs'

/**
 * Whether the work called `name` was last done from the same inputs.
 * @param {string} name
 * @param {string} hash
 */
export function isCurrent(name, hash) {
  try {
    return readFileSync(join(tools, 'stamps', name), 'utf8') === hash
  } catch {
    return false
  }
}

/**
 * Remembers that the work called `name` was done from these inputs.
 * @param {string} name
 * @param {string} hash
 */
export function remember(name, hash) {
  const file = join(tools, 'stamps', name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, hash)
}

/** @param {string} name */
export function forget(name) {
  rmSync(join(tools, 'stamps', name), { force: true })
}

/**
 * A hash over the contents of files and folders, and over plain strings that matter as well.
 * @param {readonly string[]} paths
 * @param {readonly string[]} strings
 */
export function hashOf(paths, strings = []) {
  const hash = createHash('sha256')
  for (const text of strings) hash.update(`${text}\0`)
  for (const file of paths.flatMap(filesIn)) hash.update(`${file}\0`).update(readFileSync(file))
  return hash.digest('hex')
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesIn(path) {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return []
  if (stats.isFile()) return [path]
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules' && entry.name !== 'dist')
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => filesIn(join(path, entry.name)))
}
