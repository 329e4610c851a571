// pnpm check:doc-code: every ```ts block of the READMEs and the documentation compiles as a module of its own.
// Words after `ts` change that: `file=jobs.ts` gives the module a name by which later blocks of the page import it,
// `continues` adds the block to the one before, and `no-check` leaves it out.
import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { node, tool } from './workspace/node.mjs'
import { root } from './workspace/paths.mjs'

// Inside docs/, whose package.json names everything that the examples import.
const folder = join(root, 'docs/.code')
const patterns = ['README.md', 'packages/*/README.md', 'examples/*/README.md', 'docs/**/*.md']
const pages = patterns
  .flatMap((pattern) => globSync(pattern, { cwd: root }))
  .filter((page) => !/node_modules|docs\/reference\//.test(page))

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const modules = pages.flatMap((page) => modulesOf(page, readFileSync(join(root, page), 'utf8')))
for (const { file, code } of modules) {
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
  console.log(`${modules.length} modules from ${pages.length} pages compile.`)
} else {
  // The code stands on the lines of its page, so only the file name has to be put right.
  console.error(result.stdout.replaceAll(/^docs\/\.code\/(.+?\.md)\/[^(\n]+/gm, '$1'))
  process.exitCode = 1
}

function modulesOf(page: string, text: string): { file: string; code: string }[] {
  const modules: { file: string; code: string }[] = []
  for (const block of text.matchAll(/^([ \t]*)```(?:ts|typescript)\b(.*)\n([\s\S]*?)^[ \t]*```[ \t]*$/gm)) {
    const [, indent = '', info = '', code = ''] = block
    const hints = info.trim().split(/\s+/)
    if (hints.includes('no-check')) continue
    const line = text.slice(0, block.index).split('\n').length
    const name = hints.find((hint) => hint.startsWith('file='))?.slice(5) ?? `${line}.ts`
    const lines = code.split('\n').map((each) => (each.startsWith(indent) ? each.slice(indent.length) : each))
    const previous = modules.at(-1)
    if (hints.includes('continues') && previous) previous.code = pad(previous.code, line) + lines.join('\n')
    else
      modules.push({
        file: join(folder, relative(root, join(root, page)), name),
        code: pad('', line) + lines.join('\n'),
      })
  }
  return modules.map(({ file, code }) => ({ file, code: `${code}\nexport {}\n` }))
}

function pad(code: string, lines: number): string {
  return code + '\n'.repeat(Math.max(0, lines - code.split('\n').length + 1))
}
