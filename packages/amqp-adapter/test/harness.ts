import type { Harness } from '@jobport/conformance'
import { connect, type Channel } from 'amqplib'
import { amqpBackend, type AmqpBackendOptions } from '../src/index.ts'

/** The server that the tests run on. */
export function serverUrl(): string {
  const url = process.env['AMQP_URL']
  if (url === undefined) throw new Error('AMQP_URL is not set: run the tests by `npm test`, which starts a server')
  return url
}

const declared = { queues: new Set<string>(), exchanges: new Set<string>() }

async function note(url: string): Promise<void> {
  const connection = await connect(url)
  const channel = await connection.createChannel()
  const prototype = Object.getPrototypeOf(channel) as Channel
  const { assertQueue, assertExchange } = prototype
  prototype.assertQueue = function (this: Channel, queue, options) {
    declared.queues.add(queue!)
    return assertQueue.call(this, queue, options)
  }
  prototype.assertExchange = function (this: Channel, exchange, type, options) {
    declared.exchanges.add(exchange)
    return assertExchange.call(this, exchange, type, options)
  }
  await connection.close()
}

let noting: Promise<void> | undefined

/** Notes from now on what is declared in this process: AMQP cannot list it. */
export function noteDeclarations(url: string = serverUrl()): Promise<void> {
  return (noting ??= note(url))
}

/** The suite on one server: instances of one namespace share their queues. */
export function serverHarness(
  name: string,
  options: Partial<AmqpBackendOptions> = {},
  url: string = serverUrl(),
): Harness {
  return {
    name,
    durable: true,
    unit: 250,
    async open(namespace) {
      await noteDeclarations(url)
      return amqpBackend({ url, namespace, warn: () => {}, ...options })
    },
    cleanup: (namespace) => removeNamespace(namespace, url),
  }
}

/** Deletes the queues and exchanges of a namespace that were declared in this process. */
export async function removeNamespace(namespace: string, url: string = serverUrl()): Promise<void> {
  const ours = (names: Set<string>): string[] => [...names].filter((each) => each.startsWith(`${namespace}:`))
  const [queues, exchanges] = [ours(declared.queues), ours(declared.exchanges)]
  if (queues.length + exchanges.length === 0) return
  const connection = await connect(url)
  // What goes wrong is told by the calls.
  connection.on('error', () => {})
  const channel = await connection.createChannel()
  channel.on('error', () => {})
  await Promise.all([
    ...queues.map((queue) => channel.deleteQueue(queue)),
    ...exchanges.map((exchange) => channel.deleteExchange(exchange)),
  ])
  for (const queue of queues) declared.queues.delete(queue)
  for (const exchange of exchanges) declared.exchanges.delete(exchange)
  await connection.close()
}
