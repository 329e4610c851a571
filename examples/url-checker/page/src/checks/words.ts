import type { Check } from '../api/requests.ts'

export type Tone = 'good' | 'fair' | 'bad'

/** What a check came to, in a word or number. */
export function verdict({ outcome, status }: Check): { readonly text: string; readonly tone: Tone } {
  if (outcome === 'refused') return { text: 'refused', tone: 'fair' }
  if (outcome === 'failed' || status === null) return { text: 'no answer', tone: 'bad' }
  return { text: String(status), tone: status < 400 ? 'good' : status < 500 ? 'fair' : 'bad' }
}

const WEEKS_TWO = 14 * 86_400_000

export function certificateTone({ certificate }: Check, now: number): Tone {
  if (certificate === null) return 'fair'
  const left = Date.parse(certificate.validTo) - now
  if (left <= 0) return 'bad'
  return left < WEEKS_TWO || !certificate.trusted ? 'fair' : 'good'
}

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  return `${(ms / 1_000).toFixed(1)} s`
}
