import { GetQueueUrlCommand, type GetQueueUrlCommandInput } from '@aws-sdk/client-sqs'
import type { Health } from '@jobport/core/adapter'
import { failure } from '../client/failure.ts'
import type { Live } from '../live.ts'
import { queueName } from '../queue/names.ts'

const PATIENCE = 3_000

/** SQS keeps every message in several data centres before it answers. */
export async function healthOf(live: Live): Promise<Health> {
  const queue = await live.queues.any()
  const warnings = [...(await live.queues.warnings())]
  try {
    await live.client.send(new GetQueueUrlCommand(queue === undefined ? anyOf(live) : partsOf(queue.url)), {
      requestTimeout: PATIENCE,
      abortSignal: AbortSignal.timeout(PATIENCE),
    })
  } catch (error) {
    const { code, message } = failure(error, 'GetQueueUrl')
    if (code !== 'not-found')
      return { reachable: false, durability: 'replicated', warnings: [...warnings, `${message}.`] }
    if (queue !== undefined) warnings.push(`The queue ${queue.url} is gone; create it again.`)
  }
  return { reachable: true, durability: 'replicated', warnings }
}

/** There need not be such a queue; that there is none is an answer too. It begins as all do, so rights to those cover it. */
function anyOf({ settings: { prefix, fifo } }: Live): GetQueueUrlCommandInput {
  return { QueueName: queueName(prefix, 'health', fifo) }
}

/** Other accounts may have a queue of that name too. */
function partsOf(url: string): GetQueueUrlCommandInput {
  const [account = '', name] = url.split('/').slice(-2)
  return { QueueName: name, ...(/^\d{12}$/.test(account) && { QueueOwnerAWSAccountId: account }) }
}
