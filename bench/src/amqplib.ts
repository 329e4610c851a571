import { setTimeout } from 'node:timers/promises'
import { connect, type ConfirmChannel, type ConsumeMessage } from 'amqplib'
import { Acknowledged } from './acknowledged.ts'
import type { Input } from './input.ts'
import { amqpUrl, RAW_QUEUE } from './servers/rabbitmq.ts'
import type { System } from './system.ts'
import { versionsOf } from './versions.ts'

/** Milliseconds, outside of what is measured. */
const SETTLING = 200

/** RabbitMQ by its driver alone, as its tutorials do: confirms for publishing, a prefetch for consuming, and an acknowledgement for each job. */
export function amqplib(queueType: 'quorum' | 'classic'): System {
  const connecting = connect(amqpUrl(), { noDelay: true })
  const opening = connecting.then((connection) => connection.createConfirmChannel())
  return {
    configuration: `${queueType} queue, confirms, prefetch is the concurrency, ack each, noDelay`,
    versions: versionsOf('amqplib'),
    async prepare() {
      const channel = await opening
      await channel.assertQueue(RAW_QUEUE, { durable: true, arguments: { 'x-queue-type': queueType } })
    },
    enqueueOne: async (input) => publish(await opening, input),
    async enqueueMany(inputs) {
      const channel = await opening
      await Promise.all(inputs.map((input) => publish(channel, input)))
    },
    async work(concurrency, handle) {
      const acknowledged = new Acknowledged()
      const connection = await connect(amqpUrl(), { noDelay: true })
      const channel = await connection.createChannel()
      const answer = async (message: ConsumeMessage): Promise<void> => {
        await handle(JSON.parse(message.content.toString()) as Input)
        channel.ack(message)
        acknowledged.acknowledged()
      }
      await channel.prefetch(concurrency)
      await channel.consume(RAW_QUEUE, (message) => {
        if (message === null) throw new Error('the queue is gone')
        acknowledged.handled()
        void answer(message)
      })
      return {
        settled: () => acknowledged.settled(),
        async stop() {
          // The end of the connection would overtake the last acknowledgements, and that of a channel loses those that a quorum queue has not taken yet.
          await setTimeout(SETTLING)
          await channel.close()
          await connection.close()
        },
      }
    },
    close: async () => (await connecting).close(),
  }
}

function publish(channel: ConfirmChannel, input: Input): Promise<void> {
  return new Promise((resolve, reject) => {
    const content = Buffer.from(JSON.stringify(input))
    channel.sendToQueue(RAW_QUEUE, content, { persistent: true }, (error: Error | null) =>
      error === null ? resolve() : reject(error),
    )
  })
}
