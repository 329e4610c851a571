import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { modulesOf, pages, type PageModule } from '../../scripts/doc-code.ts'
import { root } from '../../scripts/workspace/paths.mjs'

// Inside docs/, whose package.json names everything that the examples import.
const folder = join(root, 'docs/.runs')
const fromSource = new URL('../../scripts/workspace/from-source.mjs', import.meta.url).href
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the programs of a page', () => {
  for (const page of pages()) {
    const modules = modulesOf(page)
    const programs = modules.filter(({ output }) => output !== undefined)
    if (programs.length === 0) continue
    it(`${page} shows what is printed`, { timeout: 300_000 }, async () => {
      for (const { name, code } of modules) {
        const file = join(folder, page, name)
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, code)
      }
      // The programs of a page run one after the other in one folder, as its reader would run them.
      const cwd = mkdtempSync(join(tmpdir(), 'jobport-docs-'))
      try {
        for (const program of programs) {
          expect(await run(program, cwd), `${page}:${program.line}`).toEqual(matching(program.output!))
        }
      } finally {
        rmSync(cwd, { recursive: true, force: true })
      }
    })
  }
})

/** What a program prints on both streams; it must end well. */
async function run({ page, name, line, output, stops }: PageModule, cwd: string): Promise<string> {
  const args = ['--disable-warning=ExperimentalWarning', '--import', fromSource, join(folder, page, name)]
  // Every program loads the same modules; the first one compiles them for all.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') }
  const child = spawn(process.execPath, args, { cwd, env })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      printed += text.toString()
      if (stops && printed.length >= output!.length) child.kill('SIGTERM')
    })
  }
  const status = await new Promise((resolve) => child.on('close', resolve))
  if (status !== 0) throw new Error(`the program at ${page}:${line} ended with ${String(status)}:\n${printed}`)
  return printed
}

/** The output of a page, in which `…` stands for what is different every time. */
function matching(output: string): unknown {
  if (!output.includes('…')) return output
  const parts = output.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return expect.stringMatching(new RegExp(`^${parts.join('[^\\n]*')}$`))
}
