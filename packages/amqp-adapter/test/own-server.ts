import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startRestartable, type RestartableServer } from '../../../scripts/services/restartable.ts'

/** Behind the script in /usr/sbin, which changes user and folders. */
const FOLDER = '/usr/lib/rabbitmq/bin'

/** A server that a test may break. */
export interface OwnServer extends RestartableServer {
  /** Runs `rabbitmqctl` on it, and gives what it prints. */
  control(...args: readonly string[]): Promise<string>
}

export async function ownServer(): Promise<OwnServer> {
  const server = await startRestartable('rabbitmq')
  const env = { ...process.env, ...server.env, PATH: `${FOLDER}:${process.env['PATH']}` }
  return {
    ...server,
    async control(...args) {
      const { stdout } = await promisify(execFile)('rabbitmqctl', ['--quiet', ...args], { env })
      return stdout.trim()
    },
  }
}
