import { type ChildProcess, fork } from 'node:child_process'
import { chmod, mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Order, Report } from './keeper.ts'
import type { Command, Service } from './service.ts'

/** A process that the keeper has started. */
export interface Started {
  readonly pid: number
  /** How it ended, once it has. */
  readonly ended: Promise<string>
}

/** Our end of the channel to the process that owns the servers. */
export class KeeperClient {
  readonly folder: string
  readonly #process: ChildProcess
  readonly #ended = new Map<number, string>()
  readonly #started = new Map<number, (pid: number) => void>()
  readonly #onEnded = new Map<number, (how: string) => void>()
  readonly #owner = new Map<number, string>()
  #orders = 0

  static async create(): Promise<KeeperClient> {
    const folder = await mkdtemp(join(tmpdir(), 'jobport-'))
    // A server that runs as another user must be able to reach its own folder inside.
    await chmod(folder, 0o711)
    return new KeeperClient(folder)
  }

  private constructor(folder: string) {
    this.folder = folder
    const script = fileURLToPath(new URL('keeper.ts', import.meta.url))
    this.#process = fork(script, [folder], {
      detached: true,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#process.on('message', (report: Report) => {
      if ('ended' in report) {
        this.#ended.set(report.id, report.ended)
        this.#onEnded.get(report.id)?.(report.ended)
      }
      this.#started.get(report.id)?.('pid' in report ? report.pid : 0)
    })
    // The servers must not keep a program alive that has nothing else to do.
    this.#process.unref()
    this.#process.channel?.unref()
  }

  async start({ name: owner, stop = 'SIGTERM' }: Pick<Service, 'name' | 'stop'>, command: Command): Promise<Started> {
    const id = this.#orders++
    this.#owner.set(id, owner)
    const started = new Promise<number>((resolve) => this.#started.set(id, resolve))
    const ended = new Promise<string>((resolve) => this.#onEnded.set(id, resolve))
    this.#process.send({ id, start: command, stop, log: this.#log(owner) } satisfies Order)
    this.#process.channel?.ref()
    const pid = await started
    this.#started.delete(id)
    if (this.#started.size === 0) this.#process.channel?.unref()
    return { pid, ended }
  }

  /** What has ended so far of a server was meant to end. */
  forgive(owner: string): void {
    for (const [id, each] of this.#owner) if (each === owner) this.#ended.delete(id)
  }

  /** Why a server ended and the last it said; nothing while all its processes run. */
  async problem(owner: string): Promise<string | undefined> {
    const ended = [...this.#ended].find(([id]) => this.#owner.get(id) === owner)
    if (ended === undefined) return undefined
    const log = await readFile(this.#log(owner), 'utf8').catch(() => '')
    return `${owner}: ${ended[1]}\n${log.trimEnd().split('\n').slice(-15).join('\n')}`
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return
    this.#process.ref()
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    if (this.#process.connected) this.#process.disconnect()
    await ended
  }

  #log(owner: string): string {
    return join(this.folder, `${owner}.log`)
  }
}
