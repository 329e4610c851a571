import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { node } from './node.mjs'
import { packages } from './packages.mjs'
import { root } from './paths.mjs'
import { installPnpm, pnpm } from './pnpm.mjs'
import { hashOf, isCurrent, remember } from './stamp.mjs'

const oldest = 20

/** Installs what package.json and the lockfile name, unless that was done already. Needs Node 20 and npm, no more. */
export function bootstrap() {
  if (Number(process.versions.node.split('.')[0]) < oldest) {
    fail(`Node ${process.versions.node} is too old to start from.`, `Install Node ${oldest} or newer.`)
  }
  const manifests = packages().map(({ folder }) => join(folder, 'package.json'))
  const inputs = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'].map((file) => join(root, file))
  const hash = hashOf([...inputs, ...manifests], [process.platform, process.arch])
  if (isCurrent('install', hash) && existsSync(join(root, 'node_modules')) && existsSync(node)) return

  const started = Date.now()
  process.stdout.write('Installing (a minute or two the first time) ')
  const problem = installPnpm()
  if (problem !== undefined) fail(`${problem}\nnpm could not install pnpm.`, 'Is the npm registry reachable?')
  const result = spawnSync(process.execPath, [pnpm, 'install', '--frozen-lockfile'], { cwd: root, encoding: 'utf8' })
  if (result.status !== 0) {
    const advice = 'If package.json and pnpm-lock.yaml differ, run `pnpm install` and commit the lockfile.'
    fail(`${result.stdout}${result.stderr}\npnpm install failed.`, advice)
  }
  remember('install', hash)
  console.log(`— done in ${Math.round((Date.now() - started) / 1000)} s`)
}

/**
 * @param {string} problem
 * @param {string} advice
 */
function fail(problem, advice) {
  console.error(`\n${problem.trim().split('\n').slice(-25).join('\n')}\n${advice}`)
  process.exit(1)
}
