import type { PendingCheck } from '../src/checks/pending-check.ts'
import type { Check } from '../src/checks/check.ts'
import { vi } from 'vitest'

export interface Answer<Body> {
  readonly status: number
  readonly body: Body
}

export interface Submitted {
  readonly jobs: readonly { readonly id: string; readonly url: string; readonly duplicate: boolean }[]
  readonly error?: { readonly code: string; readonly field?: string; readonly message: string }
}

export interface Page {
  readonly jobs: readonly Check[]
  readonly next: string | null
  readonly total: number
}

/** What a test asks of an API. */
export class Client {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async submit(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer<Submitted>> {
    const response = await fetch(`${this.#url}/add_job`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    return { status: response.status, body: (await response.json()) as Submitted }
  }

  async get<Body>(path: string): Promise<Answer<Body>> {
    const response = await fetch(this.#url + path)
    return { status: response.status, body: (await response.json()) as Body }
  }

  async page(query = ''): Promise<Page> {
    return (await this.get<Page>(`/get_jobs${query}`)).body
  }

  async pending(): Promise<readonly PendingCheck[]> {
    return (await this.get<{ readonly jobs: readonly PendingCheck[] }>('/get_pending_jobs')).body.jobs
  }

  /** Waits until so many checks are completed, and answers them by URL. */
  async completed(count: number): Promise<ReadonlyMap<string, Check>> {
    const page = await vi.waitFor(
      async () => {
        const page = await this.page('?limit=100')
        if (page.total !== count) throw new Error(`${page.total} checks are completed, not ${count}`)
        return page
      },
      { timeout: 30_000, interval: 100 },
    )
    return new Map(page.jobs.map((check) => [check.url, check]))
  }
}
