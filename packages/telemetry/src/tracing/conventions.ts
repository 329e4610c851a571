import type { Attributes } from '@opentelemetry/api'
import type { JobInfo } from '@jobport/core'

/** Name of the instrumentation scope. */
export const SCOPE = '@jobport/telemetry'

export type Operation = 'send' | 'receive' | 'process' | 'settle'

/** The attributes that spans and metrics of one operation have in common. */
export function attributesOf(operation: Operation, queue: string, name?: string): Attributes {
  return {
    'messaging.system': 'jobport',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.destination.name': queue,
    ...(name !== undefined && { 'jobport.job.name': name }),
  }
}

/** The jobs of each queue. */
export function byQueue(jobs: readonly JobInfo[]): ReadonlyMap<string, readonly JobInfo[]> {
  return Map.groupBy(jobs, ({ queue }) => queue)
}

/** A word for the kind of an error. Its message may hold what a trace must not. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER'
  const code = 'code' in error ? error.code : undefined
  return typeof code === 'string' && code !== '' ? code.slice(0, 100) : error.name.slice(0, 100)
}
