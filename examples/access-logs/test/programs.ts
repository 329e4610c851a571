import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const FROM_SOURCE = new URL('../../../scripts/workspace/from-source.mjs', import.meta.url).href

export interface Program {
  readonly process: ChildProcess
  readonly output: () => string
  /** Resolves when it has printed this. */
  readonly says: (words: string) => Promise<void>
  /** How it ended: an exit code, or the signal. */
  readonly ended: Promise<number | NodeJS.Signals>
}

/** A program of the example as a process of its own. */
export function start(
  role: 'generate' | 'import' | 'report' | 'worker',
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): Program {
  const file = fileURLToPath(new URL(`../src/main/${role}.ts`, import.meta.url))
  const { POSTGRES_URL: _, ...inherited } = process.env
  const child = spawn(process.execPath, ['--import', FROM_SOURCE, file, ...args], {
    env: { ...inherited, PORT: '0', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)))
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return {
    process: child,
    output: () => output,
    async says(words) {
      while (!output.includes(words)) {
        const more = await Promise.race([once(child.stdout, 'data'), ended])
        if (!Array.isArray(more) && !output.includes(words)) throw new Error(`it ended with ${more}:\n${output}`)
      }
    },
    ended,
  }
}

/** Runs a program to its end. */
export async function run(
  ...given: Parameters<typeof start>
): Promise<{ readonly code: number | string; readonly output: string }> {
  const program = start(...given)
  return { code: await program.ended, output: program.output() }
}
