import { type ChildProcess, fork } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'
import type { Order, Report } from './keeper.ts'
import { locate } from './locate.ts'
import { postgres } from './postgres.ts'
import { rabbitmq } from './rabbitmq.ts'
import { redis } from './redis.ts'
import type { Command, Service } from './service.ts'
import { sqs } from './sqs.ts'

const services = { redis, postgres, rabbitmq, sqs } satisfies Record<string, Service>
const patience = 60_000

export type ServiceName = keyof typeof services

export const serviceNames = Object.keys(services) as ServiceName[]

export interface RunningServices {
  /** The addresses, by variable: `REDIS_URL`, `POSTGRES_URL`, `AMQP_URL`, `SQS_URL`. */
  readonly env: Readonly<Record<string, string>>
  /** Stops what was started here and removes its files. A server that was there before is left alone. */
  stop(): Promise<void>
}

/**
 * Starts servers for tests and benchmarks and resolves when they answer. A server that cannot be had is an error.
 * They end with `stop`, and also when this process ends in any other way.
 */
export async function startServices(names: readonly ServiceName[]): Promise<RunningServices> {
  const keeper = await Keeper.create()
  try {
    const pairs = await Promise.all(names.map(async (name) => start(services[name], keeper)))
    return { env: Object.fromEntries(pairs), stop: () => keeper.stop() }
  } catch (error) {
    await keeper.stop()
    throw error
  }
}

async function start(service: Service, keeper: Keeper): Promise<[variable: string, url: string]> {
  const given = process.env[service.variable]
  if (given !== undefined && given !== '') {
    await answer(service, given, async () => `${service.variable} names it`)
    return [service.variable, given]
  }
  const port = await freePort()
  const found = await locate(service, port)
  const folder = join(keeper.folder, service.name)
  await mkdir(folder)
  const launch = 'run' in found ? [found.run] : await service.prepare({ binary: found.binary, folder, port })
  for (const command of launch) await keeper.start(service, command)
  const url = service.url(port)
  await answer(service, url, () => keeper.problem(service.name))
  return [service.variable, url]
}

/** Waits for the server's first answer, but not for a server that has ended. */
async function answer(service: Service, url: string, problem: () => Promise<string | undefined>): Promise<void> {
  const deadline = Date.now() + patience
  for (;;) {
    const failure = await service.ping(new URL(url)).then(
      () => undefined,
      (error: unknown) => String(error),
    )
    if (failure === undefined) return
    const why = await problem()
    if (why === undefined && Date.now() < deadline) await sleep(30)
    else throw new Error(`${service.name} does not answer at ${url}: ${failure}\n${why ?? ''}`.trim())
  }
}

/** Our end of the channel to the process that owns the servers. */
class Keeper {
  readonly folder: string
  readonly #process: ChildProcess
  readonly #ended = new Map<number, string>()
  readonly #started = new Map<number, () => void>()
  readonly #owner = new Map<number, string>()

  static async create(): Promise<Keeper> {
    const folder = await mkdtemp(join(tmpdir(), 'jobport-'))
    // A server that runs as another user must be able to reach its own folder inside.
    await chmod(folder, 0o711)
    return new Keeper(folder)
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
      if ('ended' in report) this.#ended.set(report.id, report.ended)
      this.#started.get(report.id)?.()
    })
    // The servers must not keep a program alive that has nothing else to do.
    this.#process.unref()
    this.#process.channel?.unref()
  }

  async start({ name: owner, stop = 'SIGTERM' }: Service, command: Command): Promise<void> {
    const id = this.#owner.size
    this.#owner.set(id, owner)
    const started = new Promise<void>((resolve) => this.#started.set(id, resolve))
    this.#process.send({ id, start: command, stop, log: this.#log(owner) } satisfies Order)
    this.#process.channel?.ref()
    await started
    this.#process.channel?.unref()
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
