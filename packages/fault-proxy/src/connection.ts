import type { Socket } from 'node:net'
import type { Counts } from './counts.ts'
import type { CurrentFault } from './current-fault.ts'
import { Lane } from './lane.ts'

/** A server that has said nothing for so long has said all that there is to say to a request. Milliseconds. */
const QUIET = 25

/** A client, the server it believes to talk to, and what gets lost between them. */
export class Connection {
  readonly #client: Socket
  readonly #server: Socket
  readonly #current: CurrentFault
  readonly #counts: Counts
  readonly #requests: Lane
  readonly #replies: Lane
  #silent = false
  /** The reply that comes next does not arrive. */
  #losing = false
  #quiet: NodeJS.Timeout | undefined

  constructor(client: Socket, server: Socket, current: CurrentFault, counts: Counts) {
    this.#client = client
    this.#server = server
    this.#current = current
    this.#counts = counts
    this.#requests = new Lane(server, current)
    this.#replies = new Lane(client, current)
    for (const socket of [client, server]) socket.setNoDelay(true).on('error', () => this.reset())
    client.on('data', (request: Buffer) => this.#onRequest(request))
    server.on('data', (reply: Buffer) => this.#onReply(reply))
    client.on('end', () => this.#onEnd(this.#requests))
    server.on('end', () => this.#onEnd(this.#replies))
    if (current.isBlackOut) this.swallow()
  }

  /** Nothing comes out any more. */
  swallow(): void {
    if (this.#silent) return
    this.#silent = true
    this.#counts.swallowed++
    this.#requests.drop()
    this.#replies.drop()
  }

  /** Both ends learn at once that it is over. */
  reset(): void {
    clearTimeout(this.#quiet)
    this.#client.resetAndDestroy()
    this.#server.resetAndDestroy()
  }

  #onRequest(request: Buffer): void {
    if (this.#silent) return
    const strike = this.#current.strike(request)
    if (strike === 'cut') {
      this.#counts.cut++
      this.reset()
      return
    }
    if (strike === 'black-hole') {
      this.swallow()
      return
    }
    if (strike === 'lose-reply') this.#losing = true
    this.#counts.requests++
    this.#requests.send(request)
  }

  #onReply(reply: Buffer): void {
    if (this.#silent) return
    if (this.#losing) {
      // Several requests may be on their way, and this may be the reply to an earlier one: wait until all are executed.
      clearTimeout(this.#quiet)
      this.#quiet = setTimeout(() => this.#lose(), QUIET)
      return
    }
    this.#counts.replies++
    this.#replies.send(reply)
  }

  /** The server gets a proper end, which lets it execute what it has not read yet. */
  #lose(): void {
    this.#counts.lost++
    this.#silent = true
    this.#client.resetAndDestroy()
    this.#server.end()
  }

  #onEnd(lane: Lane): void {
    if (!this.#silent) lane.end()
  }
}
