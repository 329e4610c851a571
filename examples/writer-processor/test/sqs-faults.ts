import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

/** What to do with a request of this action: nothing, answer with an error of this name, never answer, or break the connection. */
export type Fault = (action: string) => undefined | { readonly error: string } | 'silence' | 'break'

export interface FaultySqs {
  readonly url: string
  /** Actions that were asked for. */
  readonly actions: string[]
  fault: Fault
}

/** A proxy in front of the SQS server that can misbehave. */
export async function faultySqs(server: string): Promise<FaultySqs> {
  const faulty = { url: '', actions: [] as string[], fault: (() => undefined) as Fault }
  const proxy = createServer((request, response) => void serve(faulty, server, request, response))
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  faulty.url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  onTestFinished(async () => {
    proxy.closeAllConnections()
    await new Promise((resolve) => proxy.close(resolve))
  })
  return faulty
}

async function serve(
  { actions, fault }: FaultySqs,
  server: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const target = String(request.headers['x-amz-target'])
  const action = target.split('.')[1]!
  actions.push(action)
  try {
    // A caller whose time is over breaks off in the middle of it.
    const body = await text(request)
    const struck = fault(action)
    if (struck === 'silence') return
    if (struck === 'break') return void request.socket.destroy()
    const headers = { 'content-type': 'application/x-amz-json-1.0' }
    if (struck !== undefined) {
      const error = { __type: `com.amazonaws.sqs#${struck.error}`, message: struck.error }
      response.writeHead(400, headers).end(JSON.stringify(error))
      return
    }
    const reply = await fetch(server, { method: 'POST', headers: { ...headers, 'x-amz-target': target }, body })
    response.writeHead(reply.status, headers).end(await reply.text())
  } catch {
    request.socket.destroy()
  }
}
