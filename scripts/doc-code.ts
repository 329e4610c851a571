import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace/paths.mjs'

/** A module that a page of the documentation shows, on the lines where it stands there. */
export interface PageModule {
  /** Path of the page from the root of the repository. */
  readonly page: string
  /** As the page's other blocks import it: `jobs.ts`. */
  readonly name: string
  readonly line: number
  code: string
  /** What the page says that it prints; `undefined` for a module that is not run. */
  output: string | undefined
  /** It runs until it is told to stop. */
  stops: boolean
}

const PAGES = ['README.md', 'packages/*/README.md', 'examples/*/README.md', 'docs/**/*.md']
const BLOCK = /^([ \t]*)```(\w+)?\b(.*)\n([\s\S]*?)^[ \t]*```[ \t]*$/gm

/** The pages whose code is compiled: READMEs and the documentation, without what is generated. */
export function pages(): readonly string[] {
  return PAGES.flatMap((pattern) => globSync(pattern, { cwd: root }))
    .map((page) => page.replaceAll('\\', '/'))
    .filter((page) => !/node_modules|docs\/reference\//.test(page))
    .toSorted()
}

/**
 * Every `ts` block of a page as a module of its own. Words after `ts` change that: `file=jobs.ts` gives the module a name by which later
 * blocks of the page import it, `continues` adds the block to the one before, `no-check` leaves it out. A block with
 * `runs` is a program, and the next `text` block is what it prints; with `stops` it gets a SIGTERM once it has printed that.
 */
export function modulesOf(page: string): readonly PageModule[] {
  const text = readFileSync(join(root, page), 'utf8')
  const modules: PageModule[] = []
  let program: PageModule | undefined
  for (const block of text.matchAll(BLOCK)) {
    const [, indent = '', language, info = '', body = ''] = block
    const lines = body.split('\n').map((each) => (each.startsWith(indent) ? each.slice(indent.length) : each))
    const line = text.slice(0, block.index).split('\n').length
    const hints = info.trim().split(/\s+/)
    if (language === 'text' && program !== undefined) {
      program.output = lines.join('\n')
      program = undefined
    }
    if ((language !== 'ts' && language !== 'typescript') || hints.includes('no-check')) continue
    const name = hints.find((hint) => hint.startsWith('file='))?.slice(5) ?? `${line}.ts`
    const previous = modules.at(-1)
    let current: PageModule
    if (hints.includes('continues') && previous !== undefined) {
      current = previous
      current.code = pad(current.code, line) + lines.join('\n')
    } else {
      current = {
        page,
        name,
        line,
        code: pad('', line) + lines.join('\n'),
        output: undefined,
        stops: hints.includes('stops'),
      }
      modules.push(current)
    }
    if (hints.includes('runs')) program = current
  }
  if (program !== undefined)
    throw new Error(`${page}:${program.line}: a block that runs needs a text block with its output`)
  return modules.map((each) => ({ ...each, code: `${each.code}\nexport {}\n` }))
}

function pad(code: string, lines: number): string {
  return code + '\n'.repeat(Math.max(0, lines - code.split('\n').length + 1))
}
