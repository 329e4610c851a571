import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { freePort } from '../../../scripts/services/free-port.ts'
import { Connection } from './connection.ts'
import { noCounts, type Counts } from './counts.ts'
import { CurrentFault } from './current-fault.ts'
import type { Fault } from './fault.ts'

export interface FaultProxyOptions {
  /** Where the server is. Default `127.0.0.1`. */
  readonly host?: string
  readonly port: number
  /** Decides which requests a `share` hits. Default 1. */
  readonly seed?: number
}

/**
 * Starts a TCP proxy on a free port of the loopback interface, in front of a server. It knows no protocol, and does no harm until it is told to.
 * @throws when no port can be had.
 */
export async function faultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  // While it refuses, nobody else may get its port.
  const proxy = new FaultProxy(options, await freePort())
  await proxy.heal()
  return proxy
}

export class FaultProxy implements AsyncDisposable {
  readonly host = '127.0.0.1'
  readonly port: number
  readonly #to: { readonly host: string; readonly port: number }
  readonly #current: CurrentFault
  readonly #counts = noCounts()
  readonly #connections = new Set<Connection>()
  #server: Server | undefined

  constructor({ host = '127.0.0.1', port, seed = 1 }: FaultProxyOptions, own: number) {
    this.port = own
    this.#to = { host, port }
    this.#current = new CurrentFault(randomOf(seed))
  }

  /** What has passed so far. */
  get counts(): Readonly<Counts> {
    return { ...this.#counts }
  }

  /** Connections that are open now, those that have fallen silent among them. */
  get open(): number {
    return this.#connections.size
  }

  /** The address of a server with the proxy's in its place. */
  through(url: string): string {
    const changed = new URL(url)
    changed.hostname = this.host
    changed.port = String(this.port)
    return changed.href
  }

  /** From now on this happens, instead of what happened before. Resolves when it does. */
  async inject(fault: Fault): Promise<void> {
    this.#current.change(fault)
    if (fault.kind === 'refuse') {
      const closed = this.#listening(false)
      this.cut()
      await closed
      return
    }
    if (this.#current.isBlackOut) for (const connection of this.#connections) connection.swallow()
    await this.#listening(true)
  }

  /** Back to normal. What was swallowed does not come back. */
  async heal(): Promise<void> {
    this.#current.change(undefined)
    await this.#listening(true)
  }

  /** Resets every connection that is open, once. */
  cut(): void {
    for (const connection of this.#connections) connection.reset()
  }

  /** Resets every connection and stops listening. */
  async close(): Promise<void> {
    await this.inject({ kind: 'refuse' })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #listening(wanted: boolean): Promise<void> {
    const server = this.#server
    if (wanted === (server !== undefined)) return
    if (server !== undefined) {
      this.#server = undefined
      // Its connections are reset, so this is soon.
      const closed = once(server, 'close')
      server.close()
      await closed
      return
    }
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client))
    this.#server.listen(this.port, this.host)
    await once(this.#server, 'listening')
  }

  #accept(client: Socket): void {
    this.#counts.connections++
    const server = connect({ ...this.#to, allowHalfOpen: true })
    const connection = new Connection(client, server, this.#current, this.#counts)
    this.#connections.add(connection)
    client.on('close', () => this.#connections.delete(connection))
  }
}

function randomOf(seed: number): () => number {
  const generator = xoroshiro128plus(seed)
  // Neighbouring seeds begin alike.
  for (let skipped = 0; skipped < 8; skipped++) generator.next()
  return () => (generator.next() >>> 0) / 0x1_0000_0000
}
