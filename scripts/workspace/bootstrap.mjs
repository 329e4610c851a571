import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { node } from './node.mjs'
import { packages } from './packages.mjs'
import { root, tools } from './paths.mjs'
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
  const pnpm = installPnpm()
  run(process.execPath, [pnpm, 'install', '--frozen-lockfile'], {
    advice: 'If package.json and pnpm-lock.yaml differ, run `pnpm install` and commit the lockfile.',
  })
  remember('install', hash)
  console.log(`— done in ${Math.round((Date.now() - started) / 1000)} s`)
}

/** The pnpm that package.json pins, in a folder of ours: the machine's own pnpm, if any, is left alone. */
function installPnpm() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const folder = join(tools, packageManager)
  const pnpm = join(folder, 'node_modules/pnpm/bin/pnpm.mjs')
  if (existsSync(pnpm)) return pnpm
  mkdirSync(folder, { recursive: true })
  run('npm', ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', packageManager], {
    advice: 'Is the npm registry reachable?',
    shell: process.platform === 'win32',
  })
  return pnpm
}

function run(command, args, { advice, shell = false }) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', shell })
  if (result.status === 0) return
  const output = result.error ? String(result.error) : `${result.stdout}${result.stderr}`
  fail(`\n${output.trimEnd().split('\n').slice(-25).join('\n')}\n\n${command} ${args.join(' ')} failed.`, advice)
}

function fail(problem, advice) {
  console.error(`${problem}\n${advice}`)
  process.exit(1)
}
