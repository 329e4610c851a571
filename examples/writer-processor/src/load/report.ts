import type { Offered } from './offer.ts'

const COLUMNS = ['offered/s', 'status', 'calls/s', 'p50 ms', 'p99 ms', 'max ms', 'Retry-After'] as const

const WIDTH = 12

export function header(): string {
  return COLUMNS.map((column) => column.padStart(WIDTH)).join('')
}

/** A line for each status that was answered. */
export function lines(rate: number, seconds: number, { answers }: Offered): readonly string[] {
  return Array.from(answers, ([status, { count, retryAfter, latency }]) => {
    const cells = [
      String(rate),
      String(status),
      (count / seconds).toFixed(0),
      ms(latency.percentile(50)),
      ms(latency.percentile(99)),
      ms(latency.max),
      `${Math.round((100 * retryAfter) / count)} %`,
    ]
    return cells.map((cell) => cell.padStart(WIDTH)).join('')
  }).toSorted()
}

function ms(microseconds: number): string {
  return (microseconds / 1_000).toFixed(1)
}
