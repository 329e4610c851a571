import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const fromSource = new URL('../../../scripts/workspace/from-source.mjs', import.meta.url).href
const noPage = fileURLToPath(new URL('.', import.meta.url))

export type Settings = Readonly<Record<string, string>>

/** Settings under which the services of one test meet each other, and nobody else. */
export function settings(more: Settings = {}): Settings {
  const { AMQP_URL = '', POSTGRES_URL = '' } = process.env
  const NAMESPACE = `test_${randomBytes(6).toString('hex')}`
  const local = { ALLOWED_ADDRESSES: '127.0.0.1', PAGE_FOLDER: noPage, PORT: '0', RECOVERY_SECONDS: '2' }
  return { AMQP_URL, POSTGRES_URL, NAMESPACE, ...local, ...more }
}

export interface Service {
  readonly process: ChildProcess
  /** Everything it has said so far. */
  readonly output: () => string
  /** The first line it says, or has said, that matches. Rejects when it ends before. */
  says(words: RegExp): Promise<RegExpExecArray>
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
}

const running = new Map<ChildProcess, Promise<unknown>>()

/** Ends all that was started and still runs. */
export async function endServices(): Promise<void> {
  for (const [child, ended] of running) {
    child.kill('SIGKILL')
    await ended
  }
}

/** `src/main/<role>.ts` as a process of its own. */
export function start(role: 'api' | 'checker' | 'token', env: Settings, ...args: readonly string[]): Service {
  const program = fileURLToPath(new URL(`../src/main/${role}.ts`, import.meta.url))
  const child = spawn(process.execPath, ['--import', fromSource, program, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const streams = [child.stdout, child.stderr]
  for (const stream of streams) stream.on('data', (text) => (output += String(text)))
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  running.set(
    child,
    ended.then(() => running.delete(child)),
  )
  const says = async (words: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = words.exec(output)
      if (found !== null) return found
      const how = await Promise.race([ended, ...streams.map((stream) => once(stream, 'data'))])
      if (!Array.isArray(how)) throw new Error(`${role} ended with ${how} before it said ${words}:\n${output}`)
    }
  }
  return { process: child, output: () => output, says, ended }
}

/** Starts the API and answers where it is. */
export async function startApi(env: Settings): Promise<{ readonly service: Service; readonly url: string }> {
  const service = start('api', env)
  const [, port] = await service.says(/Server listening at http:\/\/127\.0\.0\.1:(\d+)/)
  await service.says(/"msg":"started"/)
  return { service, url: `http://127.0.0.1:${port}` }
}

/** Starts a checker; it works when this resolves. */
export async function startChecker(env: Settings): Promise<Service> {
  const service = start('checker', env)
  await service.says(/"msg":"started"/)
  return service
}
