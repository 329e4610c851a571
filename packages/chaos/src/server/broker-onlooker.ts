import type { Ms } from '@jobport/core'
import { connect } from 'amqplib'
import { rabbitmqctl } from '../../../../scripts/services/rabbitmqctl.ts'
import type { HistoryFile } from '../history/history-file.ts'
import type { Actor } from './actor.ts'
import { calm, patiently } from './calm.ts'
import { NAMESPACE } from './endpoint.ts'
import type { Onlooker } from './onlooker.ts'

/** Each look is a program of its own. */
const EVERY: Ms = 2_000

const DEAD = `${NAMESPACE}:v1:dead:`

/** A queue as the server lists it, with what is delivered and not acknowledged. */
interface Listed {
  readonly name: string
  readonly messages: number
}

export interface BrokerOnlookerOptions {
  readonly url: string
  readonly env: Readonly<Record<string, string>>
}

/** Looks at RabbitMQ, which has messages and no records. */
export class BrokerOnlooker implements Onlooker {
  readonly #server: BrokerOnlookerOptions
  readonly #history: HistoryFile

  constructor(server: BrokerOnlookerOptions, history: HistoryFile) {
    this.#server = server
    this.#history = history
  }

  async describe(): Promise<string> {
    const listed = await this.#list()
    return `${sum(listed.filter(({ name }) => name.startsWith(DEAD)))} jobs dead, ${openIn(listed)} open`
  }

  calm(producers: readonly Actor[], patience: Ms): Promise<void> {
    return calm(async () => openIn(await this.#list()), { producers, patience, every: EVERY })
  }

  async takeStock(): Promise<void> {
    const listed = await this.#list()
    this.#history.add({ type: 'counts', queue: `${NAMESPACE}:*`, open: openIn(listed) })
    const connection = await connect(this.#server.url)
    const channel = await connection.createChannel()
    for (const { name } of listed.filter(({ name }) => name.startsWith(DEAD))) {
      for (;;) {
        const message = await channel.get(name, { noAck: true })
        if (message === false) break
        this.#history.add({ type: 'dead letter', id: message.properties.messageId as string })
      }
    }
    await connection.close()
  }

  async close(): Promise<void> {}

  #list(): Promise<readonly Listed[]> {
    const list = async (): Promise<readonly Listed[]> =>
      JSON.parse(await rabbitmqctl(this.#server, 'list_queues', 'name', 'messages', '--formatter', 'json'))
    return patiently(list, () => true)
  }
}

function openIn(listed: readonly Listed[]): number {
  return sum(listed.filter(({ name }) => !name.startsWith(DEAD)))
}

function sum(listed: readonly Listed[]): number {
  return listed.reduce((total, { messages }) => total + messages, 0)
}
