import type { PendingCheck } from '../src/checks/pending-check.ts'
import type { Check } from '../src/checks/check.ts'
import { vi } from 'vitest'

export interface Answer<Body> {
  readonly status: number
  readonly retryAfter: string | null
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
    return answerOf(response)
  }

  async get<Body>(path: string): Promise<Answer<Body>> {
    return answerOf(await fetch(this.#url + path))
  }

  async page(query = ''): Promise<Page> {
    return (await this.get<Page>(`/get_jobs${query}`)).body
  }

  async pending(): Promise<readonly PendingCheck[]> {
    return (await this.get<{ readonly jobs: readonly PendingCheck[] }>('/get_pending_jobs')).body.jobs
  }

  /** Waits until these URLs are checked, and answers their checks in this order. */
  async checksOf(urls: readonly string[]): Promise<readonly Check[]> {
    const find = async (): Promise<readonly Check[]> => {
      const { jobs } = await this.page('?limit=100')
      return urls.map((url) => {
        const check = jobs.find((check) => check.url === url)
        if (check === undefined) throw new Error(`${url} is not checked yet`)
        return check
      })
    }
    return vi.waitFor(find, { timeout: 60_000, interval: 100 })
  }
}

async function answerOf<Body>(response: Response): Promise<Answer<Body>> {
  const { status, headers } = response
  return { status, retryAfter: headers.get('retry-after'), body: (await response.json()) as Body }
}
