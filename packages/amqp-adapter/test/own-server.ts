import { rabbitmqctl } from '../../../scripts/services/rabbitmqctl.ts'
import { startRestartable, type RestartableServer } from '../../../scripts/services/restartable.ts'

/** A server that a test may break. */
export interface OwnServer extends RestartableServer {
  /** Runs `rabbitmqctl` on it, and gives what it prints. */
  control(...args: readonly string[]): Promise<string>
}

export async function ownServer(): Promise<OwnServer> {
  const server = await startRestartable('rabbitmq')
  return { ...server, control: (...args) => rabbitmqctl(server, ...args) }
}
