import { GetQueueUrlCommand } from '@aws-sdk/client-sqs'
import type { Health } from '@jobport/core/adapter'
import { failure } from '../client/failure.ts'
import type { Live } from '../live.ts'

/** No queue is called so; that there is none is an answer too. */
const NOBODY = 'jobport-health'
const PATIENCE = 3_000

/** SQS keeps every message in several data centres before it answers. */
export async function healthOf(live: Live): Promise<Health> {
  const queue = await live.queues.any()
  const called = queue === undefined ? NOBODY : queue.url.split('/').at(-1)!
  const warnings = [...(await live.queues.warnings())]
  try {
    await live.client.send(new GetQueueUrlCommand({ QueueName: called }), {
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
