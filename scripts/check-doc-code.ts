// pnpm check:doc-code: every ```ts block of the READMEs and the documentation compiles; doc-code.ts says how they are read.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { modulesOf, pages } from './doc-code.ts'
import { node, tool } from './workspace/node.mjs'
import { root } from './workspace/paths.mjs'

// Inside docs/, whose package.json names everything that the examples import.
const folder = join(root, 'docs/.code')
const all = pages()
const modules = all.flatMap(modulesOf)

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const { page, name, code } of modules) {
  const file = join(folder, page, name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, code)
}
const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false }
writeFileSync(
  join(folder, 'tsconfig.json'),
  JSON.stringify({ extends: '../../tsconfig.base.json', compilerOptions, include: ['.', '../../text-modules.d.ts'] }),
)
const result = spawnSync(node, [tool('typescript/lib/tsc.js'), '--pretty', 'false', '--project', folder], {
  cwd: root,
  encoding: 'utf8',
})
if (result.status === 0) {
  console.log(`${modules.length} modules from ${all.length} pages compile.`)
} else {
  // The code stands on the lines of its page, so only the file name has to be put right.
  console.error(result.stdout.replaceAll(/^docs\/\.code\/(.+?\.md)\/[^(\n]+/gm, '$1'))
  process.exitCode = 1
}
