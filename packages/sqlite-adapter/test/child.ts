import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Child {
  readonly process: ChildProcess
  /** The next line that begins with `word`, which is kept when it came before it was asked for. */
  next(word: string): Promise<any>
  /** Everything said so far under a word. */
  said(word: string): readonly any[]
  /** Ends it without a chance to clean up. */
  kill(): Promise<void>
  /** How it ended by itself. */
  readonly exited: Promise<number | null>
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** A program of this folder in a process of its own. */
export function startChild(program: string, ...args: string[]): Child {
  const child = spawn(
    process.execPath,
    [
      '--conditions=jobport-source',
      '--disable-warning=ExperimentalWarning',
      '--import',
      here('child/text-loader.mjs'),
      here(`child/${program}.ts`),
      ...args,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const lines = new Map<string, any[]>()
  const taken = new Map<string, number>()
  let wake: (() => void)[] = []
  let hasClosed = false
  const exited = once(child, 'close').then(([code]) => {
    hasClosed = true
    for (const each of wake) each()
    return code as number | null
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const space = line.indexOf(' ')
    const word = line.slice(0, space)
    lines.set(word, [...(lines.get(word) ?? []), JSON.parse(line.slice(space + 1))])
    const waiting = wake
    wake = []
    for (const each of waiting) each()
  })
  const said = (word: string): readonly any[] => lines.get(word) ?? []
  return {
    process: child,
    said,
    exited,
    async next(word) {
      const index = taken.get(word) ?? 0
      taken.set(word, index + 1)
      while (said(word).length <= index) {
        // All that it said was read by then, which is later than its end.
        if (hasClosed) throw new Error(`${program} ended before it said "${word}"`)
        await new Promise<void>((resolve) => wake.push(resolve))
      }
      return said(word)[index]
    },
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
