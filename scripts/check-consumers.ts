// pnpm check:consumers: a project that installs the packed packages compiles with every TypeScript we promise, and runs,
// by `import` and by `require`.
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execute, pack } from './pack.ts'
import { node, tool } from './workspace/node.mjs'
import { root } from './workspace/paths.mjs'

const consumers = join(root, 'scripts/consumers')
const compilers = {
  '5.9': join(consumers, 'node_modules/typescript-5.9/lib/tsc.js'),
  '6': tool('typescript/lib/tsc.js'),
  '7': join(consumers, 'node_modules/typescript-7/lib/tsc.js'),
}
const resolutions = [
  ['--module', 'nodenext'],
  ['--module', 'preserve', '--moduleResolution', 'bundler'],
]
// Not skipLibCheck: our declarations must hold for somebody who is strict about theirs.
const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2023', '--types', 'node']

const folder = await mkdtemp(join(tmpdir(), 'jobport-consumer-'))
try {
  const packed = await pack(join(folder, 'packed'))
  await cp(join(consumers, 'src'), folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel', 'error']
  await step('npm install', 'npm', ['install', ...quiet, '@types/node@22', ...packed.map(({ tarball }) => tarball)])
  for (const [version, compiler] of Object.entries(compilers)) {
    for (const resolution of resolutions) {
      const args = [compiler, ...strict, ...resolution, '--allowImportingTsExtensions', 'consumer.ts']
      await step(`TypeScript ${version} ${resolution.join(' ')}`, node, args)
    }
  }
  await step('import', node, ['consumer.ts'])
  await step('require', node, ['consumer.cjs'])
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  await rm(folder, { recursive: true })
}

async function step(name: string, command: string, args: readonly string[]): Promise<void> {
  try {
    await execute(command, [...args], { cwd: folder })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${name} failed.\n${stdout}${stderr}`, { cause: error })
  }
}
