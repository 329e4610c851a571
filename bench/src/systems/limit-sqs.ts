import { Agent, request } from 'node:http'
import type { Input } from '../input.ts'
import { BATCH, RawQueue } from '../sqs.ts'
import type { CreateSystem } from '../system.ts'

/** Requests in flight at once. */
const CALLS = 16
const HEADERS = { 'content-type': 'application/x-amz-json-1.0' }

interface Received {
  readonly Messages?: readonly { readonly Body: string; readonly ReceiptHandle: string }[]
}

/** No client: bare HTTP without signatures, which the emulator does not ask for. */
export const create: CreateSystem = () => {
  const queue = new RawQueue('bench')
  const url = new URL(process.env['SQS_URL']!)
  const agent = new Agent({ keepAlive: true, maxSockets: CALLS })
  const call = <T>(action: string, input: object): Promise<T> =>
    new Promise((resolve, reject) => {
      const headers = { ...HEADERS, 'x-amz-target': `AmazonSQS.${action}` }
      const sent = request(url, { method: 'POST', agent, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => void chunks.push(chunk))
        response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()) as T))
      })
      sent.on('error', reject)
      sent.end(JSON.stringify({ QueueUrl: queue.url, ...input }))
    })
  const send = async (inputs: readonly Input[]): Promise<void> => {
    const batches = Array.from({ length: Math.ceil(inputs.length / BATCH) }, (_, index) =>
      inputs.slice(index * BATCH, (index + 1) * BATCH),
    )
    await Promise.all(
      batches.map((batch) =>
        call('SendMessageBatch', {
          Entries: batch.map((input, index) => ({ Id: String(index), MessageBody: JSON.stringify(input) })),
        }),
      ),
    )
  }
  let waiting: Input[] = []
  let flushed = Promise.withResolvers<void>()
  const flush = (): void => {
    const batch = waiting
    const { resolve, reject } = flushed
    waiting = []
    flushed = Promise.withResolvers()
    send(batch).then(() => resolve(), reject)
  }
  return {
    configuration: `bare HTTP without the SDK or signatures, ${BATCH} messages a request, ${CALLS} requests at once`,
    versions: {},
    prepare: () => queue.prepare(),
    enqueueOne(input) {
      if (waiting.push(input) === 1) process.nextTick(flush)
      return flushed.promise
    },
    enqueueMany: send,
    async work(concurrency, handle) {
      const work = async (): Promise<void> => {
        for (;;) {
          const { Messages = [] } = await call<Received>('ReceiveMessage', { MaxNumberOfMessages: BATCH })
          if (Messages.length === 0) return
          await Promise.all(Messages.map(({ Body }) => handle(JSON.parse(Body) as Input)))
          await call('DeleteMessageBatch', {
            Entries: Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
          })
        }
      }
      const all = Promise.all(Array.from({ length: Math.min(CALLS, Math.ceil(concurrency / BATCH)) }, work))
      return {
        async settled() {
          await all
        },
        stop: async () => {},
      }
    },
    unfinished: () => queue.unfinished(),
    async close() {
      agent.destroy()
      queue.client.destroy()
    },
  }
}
