import { setTimeout as sleep } from 'node:timers/promises'

/** Throws the sentence unless it holds. */
export function expect(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Error(sentence)
}

/** Asks again until there is an answer; while there is none, `look` says so with `undefined`. An error ends the wait only when time is over. */
export async function until<T>(what: string, look: () => Promise<T | undefined>, seconds = 120): Promise<T> {
  const deadline = Date.now() + seconds * 1_000
  let last: unknown
  for (;;) {
    const answer = await look().catch((error: unknown) => void (last = error))
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`, { cause: last })
    await sleep(250)
  }
}

interface Answer<T> {
  readonly status: number
  readonly headers: Headers
  readonly body: T
}

/** A request with JSON both ways: a POST where there is a body. */
export async function json<T>(
  url: string,
  { body, headers = {} }: { readonly body?: object; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer<T>> {
  const response = await fetch(url, {
    signal: AbortSignal.timeout(30_000),
    ...(body === undefined
      ? { headers }
      : { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: (text === '' ? undefined : JSON.parse(text)) as T }
}
