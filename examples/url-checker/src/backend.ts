import { amqpBackend } from '@jobport/amqp-adapter'
import { withStore, type Queue } from '@jobport/core'
import { postgresStore } from '@jobport/postgres-adapter'
import type { Logger } from '@jobport/example-service'

export interface BackendSettings {
  readonly AMQP_URL: string
  readonly POSTGRES_URL: string
  readonly NAMESPACE: string
  readonly RECOVERY_SECONDS: number
}

/** RabbitMQ moves the jobs, Postgres remembers them. */
export function createBackend({ AMQP_URL, POSTGRES_URL, NAMESPACE, RECOVERY_SECONDS }: BackendSettings, log: Logger) {
  const warn = (message: string): void => log.warn(message)
  return withStore(
    amqpBackend({ url: AMQP_URL, namespace: NAMESPACE, warn }),
    postgresStore({ url: POSTGRES_URL, schema: `${NAMESPACE}_jobs`, warn }),
    { grace: `${RECOVERY_SECONDS}s`, warn },
  )
}

/** Where the API hands checks over, and reads those that are not completed. */
export type ChecksQueue = Queue<ReturnType<typeof createBackend>['features'], never>
