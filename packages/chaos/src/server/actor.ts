import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Ms } from '@jobport/core'
import type { HistoryFile } from '../history/history-file.ts'
import type { Part } from '../play/part.ts'

const child = fileURLToPath(new URL('../play/child.ts', import.meta.url))
const fromSource = fileURLToPath(new URL('../../../../scripts/workspace/from-source.mjs', import.meta.url))

/** What all actors of a run share. */
export interface Surroundings {
  readonly history: HistoryFile
  /** Where a process leaves its compiled sources to the next, which is then up three times as fast. */
  readonly cache: string
  /** What the next process of an actor is told. */
  readonly partOf: (actor: Actor) => Part
}

/** Before a process that has ended unasked is followed by the next. */
const PAUSE: Ms = 100

/** One role of a run, played by one process after the other. */
export class Actor {
  readonly role: Part['role']
  readonly index: number
  readonly #partOf: Surroundings['partOf']
  readonly #history: HistoryFile
  readonly #cache: string
  #lives = 0
  /** The process of the moment. */
  name = ''
  #process: ChildProcess | undefined
  #stopped = false
  #ready = false
  #ending = false
  /** It has done all it had to do. */
  isDone = false

  constructor(role: Part['role'], index: number, { history, cache, partOf }: Surroundings) {
    this.role = role
    this.index = index
    this.#partOf = partOf
    this.#history = history
    this.#cache = cache
  }

  /** The names of its processes so far, the last one first. */
  get lives(): readonly string[] {
    return Array.from({ length: this.#lives }, (_, life) => this.#nameOf(this.#lives - life))
  }

  /** It is at work. */
  get isReady(): boolean {
    return this.#ready && !this.#stopped
  }

  spawn(): void {
    if (this.#process !== undefined || this.isDone) return
    this.name = this.#nameOf(++this.#lives)
    const name = this.name
    this.#history.add({ type: 'spawn', process: name })
    const started = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--import', fromSource, child, JSON.stringify(this.#partOf(this))],
      { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env: { ...process.env, NODE_COMPILE_CACHE: this.#cache } },
    )
    this.#process = started
    started.on('message', () => (this.#ready = this.#process === started))
    started.on('exit', (code, signal) => {
      this.#history.add({ type: 'exit', process: name, how: signal ?? String(code) })
      this.#process = undefined
      this.#stopped = false
      this.#ready = false
      this.isDone = this.role === 'producer' && code === 0
      // A job took it down, or worse.
      if (!this.#ending) setTimeout(() => this.spawn(), PAUSE).unref()
      this.#ending = false
    })
  }

  /** Without a chance to clean up. */
  async kill(): Promise<void> {
    await this.#end('kill', 'SIGKILL')
  }

  /** As a deploy does. */
  async terminate(): Promise<void> {
    await this.#end('terminate', 'SIGTERM')
  }

  stop(): void {
    if (!this.isReady) return
    this.#stopped = true
    this.#history.add({ type: 'stop', process: this.name })
    this.#process!.kill('SIGSTOP')
  }

  continue(): void {
    if (this.#process === undefined || !this.#stopped) return
    this.#stopped = false
    this.#history.add({ type: 'continue', process: this.name })
    this.#process.kill('SIGCONT')
  }

  async #end(type: 'kill' | 'terminate', signal: NodeJS.Signals): Promise<void> {
    const ending = this.#process
    if (ending === undefined) return
    const exited = once(ending, 'exit')
    this.#ending = true
    this.#history.add({ type, process: this.name })
    ending.kill(signal)
    await exited
  }

  #nameOf(life: number): string {
    return `${this.role}-${this.index}.${life}`
  }
}
