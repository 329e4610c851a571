import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import type { WebhookBody } from '@jobport/notifier'
import type { Chance } from '../chance.ts'
import { FAILURES } from './plan.ts'

/** One id as the receiver knows it. */
export interface Taken {
  readonly id: string
  readonly job: string
  readonly type: string
  readonly attempt: number
  times: number
}

/** A receiver of webhooks that checks signatures, fails often, and recognises repeats by their id. */
export class Receiver {
  readonly taken = new Map<string, Taken>()
  readonly forged: string[] = []
  requests = 0
  failed = 0
  /** Called when a message was taken and not answered yet: the worst moment for its sender to die. */
  onTaken: () => void = () => {}
  readonly #webhook: Webhook
  readonly #chance: Chance
  readonly #server: Server

  constructor(secret: string, chance: Chance) {
    this.#webhook = new Webhook(secret)
    this.#chance = chance
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => this.#receive(request.headers, Buffer.concat(chunks).toString('utf8'), response))
    })
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #receive(headers: IncomingHttpHeaders, body: string, response: ServerResponse): void {
    this.requests++
    const id = String(headers['webhook-id'])
    let content: WebhookBody
    try {
      content = this.#webhook.verify(body, headers as Record<string, string>) as WebhookBody
    } catch {
      this.forged.push(id)
      response.writeHead(401).end()
      return
    }
    const luck = this.#chance.between(0, 1)
    if (luck < FAILURES) this.failed++
    if (luck < FAILURES / 3) {
      response.writeHead(500).end()
      return
    }
    if (luck < (FAILURES * 2) / 3) {
      response.writeHead(503, { 'retry-after': '0' }).end()
      return
    }
    this.#take(id, content)
    this.onTaken()
    // Taken, and the sender never learns it.
    if (luck < FAILURES) response.destroy()
    else response.end()
  }

  #take(id: string, { type, data }: WebhookBody): void {
    const known = this.taken.get(id)
    if (known === undefined) this.taken.set(id, { id, job: data.job.id, type, attempt: data.job.attempt, times: 1 })
    else known.times++
  }
}
