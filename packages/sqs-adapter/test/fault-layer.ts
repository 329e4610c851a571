import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { serverUrl } from './server.ts'

/** One request to SQS. */
export interface Request {
  /** Such as `SendMessageBatch`. */
  readonly action: string
  readonly input: any
}

export interface Reply {
  readonly status: number
  readonly body: any
  /** The connection ends in the middle of the body. */
  readonly isCut?: true
  /** Nothing comes after the middle of the body. */
  readonly isStuck?: true
}

/** Does what it likes with a request: passes it on, or does not; answers, or throws to reset the connection. */
export type Fault = (request: Request, pass: (input?: object) => Promise<Reply>) => Promise<Reply>

/** SQS with faults: stands before the emulator, speaks HTTP, and knows requests and their entries. */
export class FaultLayer {
  readonly requests: Request[] = []
  fault: Fault = (_, pass) => pass()
  readonly #server = createServer((request, response) => void this.#serve(request, response))

  static async start(): Promise<FaultLayer> {
    const layer = new FaultLayer()
    await new Promise<void>((resolve) => layer.#server.listen(0, '127.0.0.1', resolve))
    return layer
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The requests of an action so far. */
  of(action: string): readonly Request[] {
    return this.requests.filter((request) => request.action === action)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = String(request.headers['x-amz-target'])
    try {
      // Whoever gives up breaks off in the middle of it.
      const input = JSON.parse(await text(request)) as object
      const asked = { action: target.split('.')[1]!, input }
      this.requests.push(asked)
      const pass = async (changed: object = input): Promise<Reply> => {
        const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target }
        const reply = await fetch(serverUrl(), { method: 'POST', headers, body: JSON.stringify(changed) })
        return { status: reply.status, body: await reply.json() }
      }
      const { status, body, isCut, isStuck } = await this.fault(asked, pass)
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
      const answer = JSON.stringify(body)
      if (isCut || isStuck) {
        response.write(answer.slice(0, answer.length / 2), () => isCut && request.socket.destroy())
      } else response.end(answer)
    } catch {
      request.socket.destroy()
    }
  }
}

export function refusal(status: number, type: string, message = type): Reply {
  return { status, body: { __type: `com.amazonaws.sqs#${type}`, message } }
}

/** The fault strikes so many times at requests of one action; all others pass. */
export function times(count: number, action: string, fault: Fault): Fault {
  let left = count
  return (request, pass) => (request.action === action && left-- > 0 ? fault(request, pass) : pass())
}
