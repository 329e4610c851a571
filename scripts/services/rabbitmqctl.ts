import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { find } from './locate.ts'
import { rabbitmq } from './rabbitmq.ts'
import type { RestartableServer } from './restartable.ts'

/** Runs `rabbitmqctl` on a server, and gives what it prints. */
export async function rabbitmqctl(
  { env }: Pick<RestartableServer, 'env'>,
  ...args: readonly string[]
): Promise<string> {
  // Beside the server. Debian's script of that name on the PATH changes user and folders.
  const program = join(dirname(find(rabbitmq.binary)!), 'rabbitmqctl')
  const { stdout } = await promisify(execFile)(program, ['--quiet', ...args], {
    // While the server is down it would start a name server in the place of the server's own, and leave it behind.
    env: { ...process.env, ...env, ERL_FLAGS: '-start_epmd false' },
  })
  return stdout.trim()
}
