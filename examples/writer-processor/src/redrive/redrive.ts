import { SQSClient } from '@aws-sdk/client-sqs'
import { createLog, sqsOptions } from '@jobport/example-service'
import { readQueueConfiguration } from '../configuration.ts'
import { QUEUE } from '../message/message-job.ts'
import { messageBackend } from '../queue/message-backend.ts'
import { REQUEST } from '../processor/capacity.ts'
import type { RedriveArguments } from './arguments.ts'
import type { DeadLetter } from './dead-letter.ts'
import { listDeadLetters } from './list-dead-letters.ts'

/** Lists what is in the dead-letter queue and, unless it is a dry run, sends it back to work. */
export async function redrive({ dryRun, limit, json }: RedriveArguments, print: (line: string) => void): Promise<void> {
  const configuration = readQueueConfiguration()
  const { APP_ENV, LOG_LEVEL, MAX_RECEIVES, QUEUE_CREATE, QUEUE_PREFIX } = configuration
  const sqs = sqsOptions(configuration)

  const client = new SQSClient(sqs)
  const letters = await listDeadLetters(client, QUEUE_PREFIX + QUEUE, limit).finally(() => client.destroy())
  for (const letter of letters) print(json ? JSON.stringify(letter) : lineOf(letter))
  if (!json) print(letters.length === 1 ? '1 dead letter' : `${letters.length} dead letters`)
  if (dryRun || letters.length === 0) return

  const log = createLog({ service: 'redrive', environment: APP_ENV, level: LOG_LEVEL, destination: process.stderr })
  const { backend } = messageBackend({
    sqs,
    prefix: QUEUE_PREFIX,
    create: QUEUE_CREATE,
    maxReceives: MAX_RECEIVES,
    attempts: 5,
    callTimeout: REQUEST,
    log,
  })
  await backend.open()
  try {
    const count = await backend.redrive(QUEUE, { limit: letters.length })
    if (!json) print(`${count} sent back to work`)
  } finally {
    await backend.close()
  }
}

function lineOf({ id, topic = '-', requestId = '-', since, error }: DeadLetter): string {
  return [since, id, topic, requestId, error].join('  ')
}
