import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Lets Node run the sources of this workspace. */
export const FROM_SOURCE = new URL('../../../scripts/workspace/from-source.mjs', import.meta.url).href

export const PROGRAMS = new URL('../src/main/', import.meta.url)

/** One of the programs, in a process of its own. */
export interface Program {
  readonly port: number
  /** What it has logged so far. */
  readonly output: () => string
  /** As a container that is stopped. */
  stop(): Promise<void>
  /** As a machine that loses power. */
  kill(): Promise<void>
}

/** Resolves when it serves. */
export async function startProgram(
  role: 'api' | 'controller',
  env: Readonly<Record<string, string>>,
): Promise<Program> {
  const path = fileURLToPath(new URL(`${role}.ts`, PROGRAMS))
  const child = spawn(process.execPath, ['--import', FROM_SOURCE, path], {
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()))
  const closed = once(child, 'close')
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    await closed
  }
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = /Server listening at http:[^"]*:(\d+)"|"port":(\d+),/.exec(output)
      if (found !== null) resolve(Number(found[1] ?? found[2]))
    })
    void closed.then(() => reject(new Error(`${role} ended:\n${output}`)))
  })
  return { port, output: () => output, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}
