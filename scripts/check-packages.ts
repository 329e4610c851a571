// pnpm check:packages: what npm would get of each package is complete, clean and resolves for every kind of importer.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execute, pack } from './pack.ts'
import { node, tool } from './workspace/node.mjs'

const allowed =
  /^package\/(dist\/.+\.(js|d\.ts|js\.map)|README\.md|LICENSE|package\.json|grafana\/.+\.json|prometheus\/alerts\.yml)$/
const required = [
  'package/README.md',
  'package/LICENSE',
  'package/package.json',
  'package/dist/index.js',
  'package/dist/index.d.ts',
]

const folder = await mkdtemp(join(tmpdir(), 'jobport-packed-'))
const problems: string[] = []
try {
  for (const { name, tarball } of await pack(folder)) {
    const results = await Promise.all([
      contents(tarball),
      run(tool('publint/src/cli.js'), ['run', tarball, '--strict']),
      run(tool('@arethetypeswrong/cli/dist/index.js'), [tarball, '--profile', 'esm-only', '--no-emoji']),
    ])
    problems.push(...results.filter((each) => each !== undefined).map((problem) => `${name}\n${problem}`))
  }
} finally {
  await rm(folder, { recursive: true })
}
if (problems.length > 0) {
  console.error(problems.join('\n\n'))
  process.exitCode = 1
}

async function contents(tarball: string): Promise<string | undefined> {
  const { stdout } = await execute('tar', ['-tzf', tarball])
  const files = stdout.trim().split('\n')
  const extra = files.filter((file) => !allowed.test(file)).map((file) => `must not be in the package: ${file}`)
  const missing = required.filter((file) => !files.includes(file)).map((file) => `must be in the package: ${file}`)
  const lines = [...extra, ...missing]
  return lines.length > 0 ? lines.join('\n') : undefined
}

async function run(script: string, args: readonly string[]): Promise<string | undefined> {
  return execute(node, [script, ...args]).then(
    () => undefined,
    (error: { stdout: string; stderr: string }) => `${error.stdout}${error.stderr}`.trim(),
  )
}
