import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { ConfigurationError } from './configuration.ts'

export interface Stopping {
  /** What to do when the service stops, in the reverse order of these calls. */
  onStop(what: string, stop: () => unknown): void
  /** Aborts when the service is asked to stop. */
  readonly signal: AbortSignal
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const
/** Beyond the grace of what is stopped, so that it can end in its own way. */
const MARGIN = 5_000

/**
 * Runs a service until it is sent SIGTERM or SIGINT, then stops its parts one by one. A second signal ends the process at once. Exit codes: 0 stopped, 1 failed,
 * or not stopped in time, 2 wrong configuration.
 *
 * `start` answers the log and how long stopping may take.
 */
export async function runService(
  start: (stopping: Stopping) => Promise<{ readonly log: Logger; readonly graceSeconds: number }>,
): Promise<void> {
  const parts: { readonly what: string; readonly stop: () => unknown }[] = []
  const asked = new AbortController()
  for (const signal of SIGNALS) process.once(signal, () => asked.abort(signal))

  let log: Logger | undefined
  let code = 0
  let grace = MARGIN
  try {
    const started = await start({
      signal: asked.signal,
      onStop: (what, stop) => void parts.unshift({ what, stop }),
    })
    log = started.log
    grace += started.graceSeconds * 1_000
    log.info('started')
    if (!asked.signal.aborted) await new Promise((resolve) => asked.signal.addEventListener('abort', resolve))
    log.info({ signal: asked.signal.reason as string }, 'stopping')
  } catch (error) {
    code = error instanceof ConfigurationError ? 2 : 1
    console.error(error instanceof ConfigurationError ? error.message : error)
  }

  const stopped = stopAll(parts, (what, error) => {
    code ||= 1
    log?.error({ err: error }, `${what} did not stop`)
  })
  const late = delay(grace, 'late', { ref: false })
  if ((await Promise.race([stopped, late])) === 'late') {
    log?.error(`did not stop within ${grace / 1_000} s`)
    process.exit(1)
  }
  log?.info('stopped')
  process.exitCode = code
}

async function stopAll(
  parts: readonly { readonly what: string; readonly stop: () => unknown }[],
  failed: (what: string, error: unknown) => void,
): Promise<void> {
  for (const { what, stop } of parts) {
    try {
      await stop()
    } catch (error) {
      failed(what, error)
    }
  }
}
