import { onScopeDispose, ref, type Ref } from 'vue'

const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** The time, looked at often enough for what is told in words. */
export function useNow(): Ref<number> {
  const now = ref(Date.now())
  const timer = setInterval(() => (now.value = Date.now()), 10_000)
  onScopeDispose(() => clearInterval(timer))
  return now
}

/** `3 minutes ago`, `in 2 days`. */
export function relative(moment: string, now: number): string {
  const seconds = (Date.parse(moment) - now) / 1_000
  for (const [unit, size] of UNITS) if (Math.abs(seconds) >= size) return words.format(Math.trunc(seconds / size), unit)
  // Also what came after the last look at the time.
  return 'just now'
}
