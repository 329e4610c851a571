import { setTimeout as sleep } from 'node:timers/promises'
import type { Service } from './service.ts'

// RabbitMQ starts in five seconds where nothing else runs. A server that has ended is not waited for.
const patience = 180_000

/** Waits for the server's first answer, but not for a server that has ended. */
export async function answer(
  service: Pick<Service, 'name' | 'ping'>,
  url: string,
  problem: () => Promise<string | undefined>,
): Promise<void> {
  const deadline = Date.now() + patience
  for (;;) {
    const failure = await service.ping(new URL(url)).then(
      () => undefined,
      (error: unknown) => String(error),
    )
    if (failure === undefined) return
    const why = await problem()
    if (why === undefined && Date.now() < deadline) await sleep(30)
    else throw new Error(`${service.name} does not answer at ${url}: ${failure}\n${why ?? ''}`.trim())
  }
}
