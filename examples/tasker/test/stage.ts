import { DeleteQueueCommand, GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import pg from 'pg'
import { vi } from 'vitest'
import { startProgram, type Program } from './program.ts'

const run = promisify(execFile)

/** What starts several programs takes its time on a busy machine. */
export const PATIENT = 120_000

/** A server that the tests run on. */
export function serverUrl(variable: 'SQS_URL' | 'POSTGRES_URL'): string {
  const url = process.env[variable]
  if (url === undefined) throw new Error(`${variable} is not set: run the tests by \`npm test\`, which starts a server`)
  return url
}

export interface Answer {
  readonly status: number
  readonly body: any
}

/** What curl got, whichever way it asked. */
export async function curl(...args: readonly string[]): Promise<Answer> {
  const { stdout } = await run('curl', ['--silent', '--show-error', '--write-out', '\n%{http_code}', ...args])
  const end = stdout.lastIndexOf('\n')
  return { status: Number(stdout.slice(end + 1)), body: JSON.parse(stdout.slice(0, end)) }
}

const JSON_HEADERS = ['-H', 'Accept: application/json', '-H', 'Content-Type: application/json']

/** Tables, queues and programs of one test file. */
export class Stage implements AsyncDisposable {
  readonly schema = `tasker_${randomBytes(5).toString('hex')}`
  readonly database = new pg.Pool({
    connectionString: serverUrl('POSTGRES_URL'),
    options: `-c search_path=${this.schema}`,
    max: 4,
  })
  readonly #prefix = `${this.schema}-`
  readonly #env: Readonly<Record<string, string>>
  readonly #sqs = new SQSClient({
    endpoint: serverUrl('SQS_URL'),
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  readonly #programs: Program[] = []
  #api: Program | undefined

  /** `env`: beside what all programs of this stage need. */
  constructor(env: Readonly<Record<string, string>> = {}) {
    this.#env = {
      SQS_ENDPOINT: serverUrl('SQS_URL'),
      SQS_PREFIX: this.#prefix,
      POSTGRES_URL: serverUrl('POSTGRES_URL'),
      POSTGRES_SCHEMA: this.schema,
      LEASE_SECONDS: '5',
      ...env,
    }
  }

  async start(role: 'api' | 'controller', env: Readonly<Record<string, string>> = {}): Promise<Program> {
    const program = await startProgram(role, { ...this.#env, ...env })
    this.#programs.push(program)
    if (role === 'api') this.#api = program
    return program
  }

  get url(): string {
    return `http://localhost:${this.#api!.port}`
  }

  /** As the clients of this API ask: with a body and JSON headers, whatever the method. */
  ask(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    const data = body === undefined ? [] : ['--data', JSON.stringify(body)]
    return curl('-X', method, ...JSON_HEADERS, ...data, `${this.url}${path}`)
  }

  async process(
    task: string,
    params: object,
    client = 'test',
  ): Promise<{ readonly rid: string; readonly cached?: true }> {
    const { status, body } = await this.ask('POST', '/process', { task, client_name: client, params })
    if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`)
    return body
  }

  async requests(client = 'test'): Promise<Readonly<Record<string, any>>> {
    return (await this.ask('GET', '/get_requests_status', { client_name: client })).body
  }

  async statuses(): Promise<Readonly<Record<string, string>>> {
    return (await this.ask('GET', '/get_processes_status')).body
  }

  /** Resolves with the request when it is in that state. */
  becomes(rid: string, state: string, client = 'test'): Promise<any> {
    return eventually(async () => {
      const request = (await this.requests(client))[rid]
      if (request?.state !== state) throw new Error(`it is ${JSON.stringify(request)}`)
      return request
    })
  }

  /** Messages in all queues of the tasks, waiting or being worked on. */
  async messages(): Promise<number> {
    const counts = await Promise.all(
      (await this.#queues()).map(async (QueueUrl) => {
        const { Attributes = {} } = await this.#sqs.send(
          new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
        )
        return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible)
      }),
    )
    return counts.reduce((sum, count) => sum + count, 0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.kill()))
    await this.database.query('set client_min_messages = error')
    for (const schema of [this.schema, `${this.schema}_jobs`])
      await this.database.query(`drop schema if exists ${schema} cascade`)
    await this.database.end()
    await Promise.all((await this.#queues()).map((QueueUrl) => this.#sqs.send(new DeleteQueueCommand({ QueueUrl }))))
    this.#sqs.destroy()
  }

  async #queues(): Promise<readonly string[]> {
    const { QueueUrls = [] } = await this.#sqs.send(new ListQueuesCommand({ QueueNamePrefix: this.#prefix }))
    return QueueUrls
  }
}

/** Asks until it is so. */
export function eventually<T>(check: () => Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 50_000, interval: 100 })
}
