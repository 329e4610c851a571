import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { EventSource } from 'eventsource'
import pRetry, { AbortError } from 'p-retry'
import type { LiveEvent } from '@jobport/notifier/live'
import type { Item } from '../items/item.ts'

export interface Client {
  /** Hands a file in, as often as it takes; answers the item's id. To do so again with the same key changes nothing. */
  upload(file: string, key: string): Promise<string>
  item(id: string): Promise<Item>
  /** Calls back for every item that finishes from now on, and after an interruption, when the others have to be asked for. Resolves when it listens. */
  watch(finished: (id: string, state: string) => void, interrupted: () => void): Promise<() => void>
}

/** The producer, as an application sees it that hands items in for a user. */
export function createClient(base: URL, token: string): Client {
  const authorization = `Bearer ${token}`

  async function call(path: string, init: RequestInit = {}): Promise<unknown> {
    const headers = { ...(init.headers as Record<string, string> | undefined), authorization }
    const answer = await fetch(new URL(path, base), { ...init, headers })
    if (answer.ok) return answer.json()
    const error = new Error(`${init.method ?? 'GET'} /${path} was answered ${answer.status}: ${await answer.text()}`)
    throw answer.status >= 500 || answer.status === 429 ? error : new AbortError(error)
  }

  const files = new Map<string, Promise<Blob>>()
  function blobOf(file: string): Promise<Blob> {
    const known = files.get(file) ?? readFile(file).then((bytes) => new Blob([bytes]))
    files.set(file, known)
    return known
  }

  return {
    async upload(file, key) {
      const body = new FormData()
      body.append('file', await blobOf(file), basename(file))
      const post = { method: 'POST', body, headers: { 'idempotency-key': key } }
      const receipt = await pRetry(() => call('items/upload', post), { retries: 8, minTimeout: 250, maxTimeout: 5_000 })
      return (receipt as { readonly id: string }).id
    },
    item: async (id) => (await pRetry(() => call(`items/${id}`), { retries: 5, minTimeout: 250 })) as Item,
    watch(finished, interrupted) {
      const events = new EventSource(new URL('events', base), {
        fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, authorization } }),
      })
      events.addEventListener('outcome', ({ data }) => {
        const { job, state } = JSON.parse(data as string) as LiveEvent
        finished(job.id, state)
      })
      return new Promise((resolve, reject) => {
        let isOpen = false
        events.addEventListener('open', () => {
          if (isOpen) interrupted()
          isOpen = true
          resolve(() => events.close())
        })
        events.addEventListener('error', ({ code, message }) => {
          if (isOpen) return
          events.close()
          reject(new Error(`the producer does not let us watch: ${code ?? message ?? 'no answer'}`))
        })
      })
    },
  }
}
