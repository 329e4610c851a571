import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { answer } from './answer.ts'
import { freePort } from './free-port.ts'
import { KeeperClient, type Started } from './keeper-client.ts'
import { locate } from './locate.ts'
import { postgres } from './postgres.ts'
import { rabbitmq } from './rabbitmq.ts'
import { redis } from './redis.ts'
import type { Service } from './service.ts'

const services = { redis, postgres, rabbitmq } satisfies Record<string, Service>

/** A server that a test takes down and brings back. Its data are its own, and safe from its death. */
export interface RestartableServer {
  readonly url: string
  /** What its own tools need in their environment to find it. */
  readonly env: Readonly<Record<string, string>>
  /** It ends as in a crash: nothing is finished and nobody is told. Resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again, on the same port and with its data. Resolves when it answers. */
  start(): Promise<void>
  /** Ends it for good and removes its files. */
  stop(): Promise<void>
}

/**
 * Starts a server of its own for whoever wants to restart it, with a fresh folder; one that the environment names is left alone.
 * It ends with `stop`, and also when this process ends in any other way.
 * @throws where the server's program is not on this machine.
 */
export async function startRestartable(name: keyof typeof services): Promise<RestartableServer> {
  const service: Service = services[name]
  const keeper = await KeeperClient.create()
  try {
    const port = await freePort()
    const found = await locate(service, port)
    if (!('binary' in found)) throw new Error(`A ${name} in a container cannot be restarted here. Install ${name}.`)
    const folder = join(keeper.folder, name)
    await mkdir(folder)
    const launch = await service.prepare({ binary: found.binary, folder, port, durable: true })
    const url = service.url(port)
    let running: Started[] = []
    const start = async (): Promise<void> => {
      keeper.forgive(name)
      running = await Promise.all(launch.map((command) => keeper.start(service, command)))
      await answer(service, url, () => keeper.problem(name))
    }
    const kill = async (): Promise<void> => {
      // The group: RabbitMQ is the child of a shell, which would die alone.
      for (const { pid } of running) process.kill(service.crash === undefined ? -pid : pid, service.crash ?? 'SIGKILL')
      await Promise.all(running.map(({ ended }) => ended))
      running = []
    }
    await start()
    return { url, env: launch[0]?.env ?? {}, kill, start, stop: () => keeper.stop() }
  } catch (error) {
    await keeper.stop()
    throw error
  }
}
