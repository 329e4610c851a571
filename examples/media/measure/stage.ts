import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../../scripts/services/free-port.ts'
import { openMailServer } from '../test/mail-server.ts'

/** Against the sources, and not longer than this process. */
const IMPORTS = ['from-source', 'exit-with-parent'].flatMap((name) => [
  '--import',
  new URL(`../../../scripts/workspace/${name}.mjs`, import.meta.url).href,
])

/** Processes of the service. */
export class Stage {
  readonly #env: Readonly<Record<string, string>>
  readonly #running: ChildProcess[] = []

  constructor(env: Readonly<Record<string, string>>) {
    this.#env = { ...env, LOG_LEVEL: 'error' }
  }

  /** Starts one and resolves when it is ready, with its port. */
  async start(role: 'producer' | 'processor', env: Readonly<Record<string, string>> = {}): Promise<number> {
    const port = await freePort()
    const child = this.#spawn(role, [], { ...env, PORT: String(port) })
    this.#running.push(child)
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the ${role} ended with ${child.exitCode}`)
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
      if (answer?.ok === true) return port
      await sleep(100)
    }
  }

  /** Runs one to its end; what it prints is shown. */
  async run(role: 'push', args: readonly string[]): Promise<void> {
    const [code] = (await once(this.#spawn(role, args, {}), 'exit')) as [number | null]
    if (code !== 0) throw new Error(`${role} ended with ${code}`)
  }

  /** Stops the newest of them. */
  async stop(count = this.#running.length): Promise<void> {
    const ended = this.#running.splice(-count).map(async (child) => {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    })
    await Promise.all(ended)
  }

  #spawn(role: string, args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
    const file = fileURLToPath(new URL(`../src/main/${role}.ts`, import.meta.url))
    return spawn(process.execPath, [...IMPORTS, file, ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...this.#env, ...env },
    })
  }
}

/** A mail server that takes everything and counts. */
export async function countMails(): Promise<{ readonly url: string; count(): number; close(): Promise<void> }> {
  let mails = 0
  const { port, close } = await openMailServer({
    authOptional: true,
    onData(stream, _, done) {
      stream.resume()
      stream.on('end', () => {
        mails++
        done()
      })
    },
  })
  return { url: `smtp://127.0.0.1:${port}`, count: () => mails, close }
}
