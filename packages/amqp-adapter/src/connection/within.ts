import type { Ms } from '@jobport/core/adapter'

/** The outcome of `promise`, or a rejection when it takes longer. */
export async function within<T>(time: Ms, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${time} ms`)), time)
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
