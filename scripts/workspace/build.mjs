import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { environment, node, tool } from './node.mjs'
import { packages } from './packages.mjs'
import { root } from './paths.mjs'
import { forget, hashOf, isCurrent, remember } from './stamp.mjs'

/**
 * Builds the named packages, and those they import, where something changed since the last build.
 * Without names: every package that has a build.
 * @param {readonly string[]} [names]
 */
export async function build(names) {
  const all = new Map(packages().map((each) => [each.name, each]))
  const changed = withNeeds(names ?? all.keys(), all)
    .filter(({ folder }) => existsSync(join(folder, 'tsup.config.ts')))
    .map((each) => ({ ...each, hash: inputsOf(each, all) }))
    .filter((each) => !isCurrent(stampOf(each), each.hash) || !isBuilt(each))
  if (changed.length === 0) return

  const started = Date.now()
  process.stdout.write(`Building ${changed.map(({ folder }) => relative(root, folder)).join(', ')} `)
  const results = await Promise.all(changed.map(buildOne))
  const failures = results.filter((output) => output !== undefined)
  if (failures.length > 0) throw new Error(`The build failed.\n\n${failures.join('\n\n')}`)
  console.log(`— done in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

/** @typedef {import('./packages.mjs').Package} Package */

/**
 * @param {Iterable<string>} names
 * @param {ReadonlyMap<string, Package>} all
 * @param {Map<string, Package>} found
 */
function withNeeds(names, all, found = new Map()) {
  for (const name of names) {
    const each = all.get(name)
    if (each === undefined) throw new Error(`There is no package ${name}; there are ${[...all.keys()].join(', ')}.`)
    if (found.has(name)) continue
    found.set(name, each)
    withNeeds(each.needs, all, found)
  }
  return [...found.values()]
}

// The declarations of a package can depend on the types of those it imports, so their sources count as well.
/**
 * @param {Package} each
 * @param {ReadonlyMap<string, Package>} all
 */
function inputsOf({ name }, all) {
  const folders = withNeeds([name], all).map((each) => each.folder)
  const inputs = folders.flatMap((folder) =>
    ['src', 'package.json', 'tsconfig.json', 'tsup.config.ts', 'vite.config.ts', 'page'].map((file) =>
      join(folder, file),
    ),
  )
  const shared = ['tsup.base.ts', 'tsconfig.base.json', 'pnpm-lock.yaml'].map((file) => join(root, file))
  return hashOf([...shared, ...inputs])
}

/**
 * Resolves to what the build said if it failed.
 * @param {Package & { hash: string }} each
 * @returns {Promise<string | undefined>}
 */
function buildOne(each) {
  forget(stampOf(each))
  const args = [tool('tsup/dist/cli-default.js')]
  const child = spawn(node, args, { cwd: each.folder, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  return new Promise((resolve) => {
    child.on('close', (code) => {
      if (code === 0) remember(stampOf(each), each.hash)
      resolve(code === 0 ? undefined : `${each.name}:\n${output.trim()}`)
    })
  })
}

/** @param {Package} each */
function stampOf({ name }) {
  return join('build', name.replace('/', '-'))
}

/** @param {Package} each */
function isBuilt({ folder }) {
  return existsSync(join(folder, 'dist'))
}
