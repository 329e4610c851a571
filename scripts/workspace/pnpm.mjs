import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, tools } from './paths.mjs'

const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const folder = join(tools, packageManager)

/** The script of the pnpm that package.json pins, in a folder of ours: the machine's own, if any, is left alone. */
export const pnpm = join(folder, 'node_modules/pnpm/bin/pnpm.mjs')

/** Brings pnpm; answers what went wrong, if anything did. */
export function installPnpm() {
  if (existsSync(pnpm)) return undefined
  mkdirSync(folder, { recursive: true })
  const args = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', packageManager]
  const result = spawnSync('npm', args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' })
  return result.status === 0 ? undefined : `${result.error ?? ''}${result.stdout ?? ''}${result.stderr ?? ''}`
}
