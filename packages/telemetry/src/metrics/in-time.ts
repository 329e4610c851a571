import type { Ms } from '@jobport/core'

/** What is answered within `timeout`; `undefined` when that is nothing, or an error. */
export async function inTime<T>(timeout: Ms, asked: Promise<T>): Promise<T | undefined> {
  asked.catch(() => {}) // it may fail after its time is over
  const late = AbortSignal.timeout(timeout)
  const tooLate = new Promise<never>((_, reject) => late.addEventListener('abort', () => reject(late.reason as Error)))
  return Promise.race([asked, tooLate]).catch(() => undefined)
}
