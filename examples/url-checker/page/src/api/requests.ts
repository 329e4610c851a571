import type { PendingCheck } from '../../../src/checks/pending-check.ts'
import type { Check } from '../../../src/checks/check.ts'
import type { Outcome } from '../../../src/report/report.ts'

export type { Check, Outcome, PendingCheck }

export interface ChecksPage {
  readonly jobs: readonly Check[]
  readonly next: string | null
  readonly total: number
}

export interface Pending {
  readonly jobs: readonly PendingCheck[]
  readonly total: number
}

export interface Submitted {
  readonly jobs: readonly { readonly id: string; readonly url: string; readonly duplicate: boolean }[]
}

/** What the API refused, in its words. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly status: number
  /** Which part of the request is wrong, such as `body.urls.2`. */
  readonly field: string | undefined

  constructor(status: number, message: string, field?: string) {
    super(message)
    this.status = status
    this.field = field
  }
}

export function submit(urls: readonly string[], token: string): Promise<Submitted> {
  return ask('add_job', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== '' && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ urls }),
  })
}

export function readChecks(query: {
  readonly limit: number
  readonly after: string | undefined
  readonly outcome: Outcome | undefined
}): Promise<ChecksPage> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  return ask(`get_jobs?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}`)
}

export function readPending(): Promise<Pending> {
  return ask('get_pending_jobs')
}

/** Paths are relative, so that the page works wherever a proxy puts it. */
async function ask<Body>(path: string, init: RequestInit = {}): Promise<Body> {
  const response = await fetch(path, { ...init, signal: AbortSignal.timeout(15_000) }).catch(() => {
    throw new Error('The service cannot be reached.')
  })
  const body = (await response.json().catch(() => ({}))) as Body & {
    readonly error?: { readonly message: string; readonly field?: string }
  }
  if (response.ok) return body
  throw new RefusedError(
    response.status,
    body.error?.message ?? `The service answered ${response.status}.`,
    body.error?.field,
  )
}
