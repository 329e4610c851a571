import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DeleteQueueCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { onTestFinished } from 'vitest'
import { QUEUE } from '../src/message/message-job.ts'
import type { DeadLetter } from '../src/redrive/dead-letter.ts'
import { listDeadLetters } from '../src/redrive/list-dead-letters.ts'
import { startProgram, type AtEnd, type Program } from './program.ts'

export const message = { topic: 'order.created', text: 'no. 7' }

interface Effect {
  readonly id: string
  readonly requestId?: string
  readonly topic: string
  readonly text: string
}

export interface Stage {
  readonly prefix: string
  /** Of all programs. */
  readonly env: Readonly<Record<string, string>>
  /** How SQS is reached. */
  readonly sqs: { readonly endpoint: string; readonly region: string; readonly credentials: typeof CREDENTIALS }
  readonly effectsFolder: string
  effects(): readonly Effect[]
  writer(env?: Readonly<Record<string, string>>): Promise<{ readonly program: Program; readonly url: string }>
  processor(env?: Readonly<Record<string, string>>, file?: string): Promise<Program>
  /** What is in the dead-letter queue. */
  deadLetters(): Promise<readonly DeadLetter[]>
  /** Runs the command and answers what it wrote, by line. */
  redrive(...args: readonly string[]): Promise<readonly string[]>
  /** A message by somebody else. */
  sendRaw(body: string): Promise<void>
}

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' }

export function serverUrl(): string {
  const url = process.env['SQS_URL']
  if (url === undefined) throw new Error('SQS_URL is not set: run the tests by `npm test`, which starts a server')
  return url
}

/** Queues and a folder of the test's own, and the programs on them. */
export function stage(more: Readonly<Record<string, string>> = {}, atEnd: AtEnd = onTestFinished): Stage {
  const prefix = `wp${randomBytes(5).toString('hex')}-`
  const effectsFolder = mkdtempSync(join(tmpdir(), 'jobport-writer-processor-'))
  const sqs = { endpoint: serverUrl(), region: 'us-east-1', credentials: CREDENTIALS }
  const client = new SQSClient(sqs)
  atEnd(async () => {
    const { QueueUrls = [] } = await client.send(new ListQueuesCommand({ QueueNamePrefix: prefix }))
    await Promise.all(QueueUrls.map(async (QueueUrl) => client.send(new DeleteQueueCommand({ QueueUrl }))))
    client.destroy()
    rmSync(effectsFolder, { recursive: true })
  })
  const env = {
    SQS_ENDPOINT: sqs.endpoint,
    QUEUE_PREFIX: prefix,
    EFFECTS_FOLDER: effectsFolder,
    PORT: '0',
    WORK_MS: '20',
    LONG_POLL_SECONDS: '1',
    ...more,
  }
  return {
    prefix,
    env,
    sqs,
    effectsFolder,
    effects: () =>
      readdirSync(effectsFolder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.json'))
        .map((file) => JSON.parse(readFileSync(join(effectsFolder, file), 'utf8')) as Effect),
    async writer(own = {}) {
      const program = startProgram('src/main/writer.ts', { ...env, ...own }, atEnd)
      const [, port] = await program.says(/listening at http:\/\/127\.0\.0\.1:(\d+)/)
      return { program, url: `http://127.0.0.1:${port}` }
    },
    async processor(own = {}, file = 'src/main/processor.ts') {
      const program = startProgram(file, { ...env, ...own }, atEnd)
      await program.says(/"msg":"started"/)
      return program
    },
    deadLetters: () => listDeadLetters(client, prefix + QUEUE, 100),
    async redrive(...args) {
      const program = startProgram('src/main/redrive.ts', env, atEnd, args)
      if ((await program.ended) !== 0) throw new Error(program.output())
      return program.output().trimEnd().split('\n')
    },
    async sendRaw(MessageBody) {
      const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: prefix + QUEUE }))
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody }))
    },
  }
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: any
}

export async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return { status: answer.status, headers: answer.headers, body: await answer.json() }
}
