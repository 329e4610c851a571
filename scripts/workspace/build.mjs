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
 */
export async function build(names) {
  const all = new Map(packages().map((each) => [each.name, each]))
  const wanted = [...withNeeds(names ?? all.keys(), all)]
    .map((name) => all.get(name))
    .filter(({ folder }) => existsSync(join(folder, 'tsup.config.ts')))
  const hashes = new Map(wanted.map((each) => [each, inputsOf(each, all)]))
  const changed = wanted.filter((each) => !isCurrent(stampOf(each), hashes.get(each)) || !isBuilt(each))
  if (changed.length === 0) return

  const started = Date.now()
  process.stdout.write(`Building ${changed.map(({ folder }) => relative(root, folder)).join(', ')} `)
  const results = await Promise.all(changed.map((each) => buildOne(each, hashes.get(each))))
  const failures = results.filter((output) => output !== undefined)
  if (failures.length > 0) throw new Error(`The build failed.\n\n${failures.join('\n\n')}`)
  console.log(`— done in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

function withNeeds(names, all, found = new Set()) {
  for (const name of names) {
    if (!all.has(name)) throw new Error(`There is no package ${name}; there are ${[...all.keys()].join(', ')}.`)
    if (found.has(name)) continue
    found.add(name)
    withNeeds(all.get(name).needs, all, found)
  }
  return found
}

// The declarations of a package can depend on the types of those it imports, so their sources count as well.
function inputsOf({ name }, all) {
  const folders = [...withNeeds([name], all)].map((each) => all.get(each).folder)
  const inputs = folders.flatMap((folder) =>
    ['src', 'package.json', 'tsconfig.json', 'tsup.config.ts'].map((file) => join(folder, file)),
  )
  const shared = ['tsup.base.ts', 'tsconfig.base.json', 'pnpm-lock.yaml'].map((file) => join(root, file))
  return hashOf([...shared, ...inputs])
}

/** Resolves to what the build said if it failed. */
function buildOne(each, hash) {
  forget(stampOf(each))
  const args = [tool('tsup/dist/cli-default.js')]
  const child = spawn(node, args, { cwd: each.folder, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  return new Promise((resolve) => {
    child.on('close', (code) => {
      if (code === 0) remember(stampOf(each), hash)
      resolve(code === 0 ? undefined : `${each.name}:\n${output.trim()}`)
    })
  })
}

function stampOf({ name }) {
  return join('build', name.replace('/', '-'))
}

function isBuilt({ folder }) {
  return existsSync(join(folder, 'dist'))
}
