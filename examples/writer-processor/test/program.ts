import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { onTestFinished } from 'vitest'

const fromSource = new URL('../../../scripts/workspace/from-source.mjs', import.meta.url).href

export interface Program {
  readonly pid: number
  /** All that it has written. */
  output(): string
  /** Resolves with the match when it has written such words. */
  says(words: RegExp): Promise<RegExpExecArray>
  kill(signal: NodeJS.Signals): void
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
}

/** Has something done when a test has ended. Tests that run at the same time have one each, in their context. */
export type AtEnd = typeof onTestFinished

/** A program of the example as a process of its own, which ends with the test at the latest. */
export function startProgram(
  file: string,
  env: Readonly<Record<string, string>>,
  atEnd: AtEnd,
  args: readonly string[] = [],
): Program {
  const program = fileURLToPath(new URL(`../${file}`, import.meta.url))
  const child = spawn(process.execPath, ['--import', fromSource, program, ...args], { env: { ...process.env, ...env } })
  let output = ''
  const news = new EventTarget()
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output += String(text)
      news.dispatchEvent(new Event('output'))
    })
  let isOver = false
  const ended = once(child, 'close').then(([code, signal]) => {
    isOver = true
    news.dispatchEvent(new Event('output'))
    return (code ?? signal) as number | string
  })
  atEnd(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return {
    pid: child.pid!,
    output: () => output,
    async says(words) {
      for (;;) {
        const match = words.exec(output)
        if (match !== null) return match
        if (isOver) throw new Error(`${file} has ended and did not say ${words}:\n${output}`)
        await new Promise((resolve) => news.addEventListener('output', resolve, { once: true }))
      }
    },
    kill: (signal) => void child.kill(signal),
    ended,
  }
}
