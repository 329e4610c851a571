import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Role } from './plan.ts'

const child = fileURLToPath(new URL('child.ts', import.meta.url))
const fromSource = fileURLToPath(new URL('../../../../scripts/workspace/from-source.mjs', import.meta.url))

/** A process of a run, and those that take its place. */
export class Player {
  readonly #role: Role
  readonly #cache: string
  readonly #onMessage: (message: { readonly type: string }) => void
  #process: ChildProcess | undefined
  kills = 0

  constructor(role: Role, cache: string, onMessage: (message: { readonly type: string }) => void) {
    this.#role = role
    this.#cache = cache
    this.#onMessage = onMessage
  }

  start(): void {
    const args = ['--disable-warning=ExperimentalWarning', '--import', fromSource, child, JSON.stringify(this.#role)]
    const started = spawn(process.execPath, args, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, NODE_COMPILE_CACHE: this.#cache },
    })
    started.on('message', this.#onMessage)
    this.#process = started
  }

  /** Kills it, unless its successor is still on its way up, and starts the next. Answers whether it did. */
  kill(): boolean {
    const ending = this.#process
    if (ending === undefined) return false
    this.#process = undefined
    this.kills++
    ending.once('exit', () => this.start())
    ending.kill('SIGKILL')
    return true
  }

  async stop(): Promise<void> {
    const ending = this.#process
    this.#process = undefined
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return
    ending.removeAllListeners('exit')
    const gone = once(ending, 'exit')
    ending.kill('SIGKILL')
    await gone
  }
}
