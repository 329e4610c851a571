import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { type ServiceName, startServices } from './start-services.ts'

const usedBy: Readonly<Record<string, readonly ServiceName[]>> = {
  'packages/redis-adapter': ['redis'],
  'packages/postgres-adapter': ['postgres'],
  'packages/amqp-adapter': ['rabbitmq', 'postgres', 'redis'],
  'packages/sqs-adapter': ['sqs', 'postgres', 'redis'],
  'packages/telemetry': ['prometheus', 'rabbitmq', 'sqs'],
  'examples/media': ['redis'],
  'examples/tasker': ['sqs', 'postgres'],
  'examples/writer-processor': ['sqs'],
  'examples/url-checker': ['rabbitmq', 'postgres'],
  'examples/access-logs': ['postgres'],
}

/** Starts the servers that the chosen tests need, before the first of them; the tests read the addresses from the environment. */
export default async function setup({ config }: TestProject): Promise<(() => Promise<void>) | undefined> {
  const folders = Object.keys(usedBy).filter((folder) => existsSync(join(config.root, folder)) && isChosen(folder))
  if (folders.length === 0) return undefined

  const services = await startServices([...new Set(folders.flatMap((folder) => usedBy[folder]!))])
  Object.assign(process.env, services.env)
  return services.stop
}

/** Vitest does not tell a setup which files were asked for; its command line does. */
function isChosen(folder: string): boolean {
  const filters = process.argv.slice(2).filter((word) => /^(packages|examples|bench|scripts)\b/.test(word))
  return filters.length === 0 || filters.some((filter) => folder.startsWith(filter) || filter.startsWith(folder))
}
