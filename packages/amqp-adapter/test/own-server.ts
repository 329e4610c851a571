import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { find } from '../../../scripts/services/locate.ts'
import { rabbitmq } from '../../../scripts/services/rabbitmq.ts'
import { startRestartable, type RestartableServer } from '../../../scripts/services/restartable.ts'

/** A server that a test may break. */
export interface OwnServer extends RestartableServer {
  /** Runs `rabbitmqctl` on it, and gives what it prints. */
  control(...args: readonly string[]): Promise<string>
}

export async function ownServer(): Promise<OwnServer> {
  const server = await startRestartable('rabbitmq')
  // Beside the server. Debian's script of that name on the PATH changes user and folders.
  const program = join(dirname(find(rabbitmq.binary)!), 'rabbitmqctl')
  const env = { ...process.env, ...server.env }
  return {
    ...server,
    async control(...args) {
      const { stdout } = await promisify(execFile)(program, ['--quiet', ...args], { env })
      return stdout.trim()
    },
  }
}
