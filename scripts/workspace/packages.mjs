import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'

/**
 * @typedef {object} Package
 * @property {string} name
 * @property {string} folder
 * @property {boolean} published
 * @property {string[]} needs names of the packages of this workspace that it imports at run time
 */

/**
 * Every package of the workspace.
 * @returns {Package[]}
 */
export function packages() {
  return folders()
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map(read)
}

/** The folders that pnpm-workspace.yaml names; read without a YAML parser, because nothing may be installed yet. */
function folders() {
  const text = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
  const patterns = (text.match(/^packages:\n((?: {2}- .*\n)+)/m)?.[1] ?? '').match(/[^\s-].*/g) ?? []
  return patterns.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [join(root, pattern)]
    const parent = join(root, pattern.slice(0, -2))
    if (!existsSync(parent)) return []
    return readdirSync(parent).map((name) => join(parent, name))
  })
}

/**
 * @param {string} folder
 * @returns {Package}
 */
function read(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const wanted = { ...manifest.dependencies, ...manifest.peerDependencies }
  const needs = Object.keys(wanted).filter((name) => wanted[name].startsWith('workspace:'))
  return { name: manifest.name, folder, published: manifest.private !== true, needs }
}
