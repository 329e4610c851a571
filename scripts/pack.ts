import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { node } from './workspace/node.mjs'
import { packages } from './workspace/packages.mjs'
import { pnpm } from './workspace/pnpm.mjs'

export const execute = promisify(execFile)

export interface Packed {
  readonly name: string
  readonly tarball: string
}

/** Packs every published package as `pnpm publish` would; they must be built. */
export async function pack(folder: string): Promise<readonly Packed[]> {
  await mkdir(folder, { recursive: true })
  const published = packages().filter((each) => each.published)
  return Promise.all(
    published.map(async ({ name, folder: cwd }) => {
      const tarball = join(folder, `${name.replace('@', '').replace('/', '-')}.tgz`)
      await execute(node, [pnpm, 'pack', '--out', tarball], { cwd })
      return { name, tarball }
    }),
  )
}
