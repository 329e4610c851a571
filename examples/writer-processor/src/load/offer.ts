import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'

export interface Offer {
  readonly url: URL
  readonly body: string
  /** Calls a second. */
  readonly rate: number
  readonly seconds: number
}

/** What became of the calls that were answered in one way. */
export interface Answered {
  count: number
  /** Of them, how many said when to come back. */
  retryAfter: number
  /** Microseconds from when the call was due. */
  readonly latency: RecordableHistogram
}

export interface Offered {
  /** By status; `lost`: without an answer. */
  readonly answers: ReadonlyMap<number | 'lost', Answered>
  /** Seconds until the last answer. */
  readonly took: number
}

/** How often it looks which calls are due, in milliseconds. */
const TICK = 5

/**
 * Makes calls when they are due, however long those before them take: as callers do who do not know of each other. Time counts from when a call was due, so a generator that is late
 * does not make the service look fast.
 */
export async function offer({ url, body, rate, seconds }: Offer): Promise<Offered> {
  const isTls = url.protocol === 'https:'
  const agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  const request: RequestOptions = { method: 'POST', headers, agent }
  const answers = new Map<number | 'lost', Answered>()
  const note = (status: number | 'lost', due: number, retryAfter: boolean): void => {
    let answered = answers.get(status)
    if (answered === undefined)
      answers.set(status, (answered = { count: 0, retryAfter: 0, latency: createHistogram() }))
    answered.count++
    if (retryAfter) answered.retryAfter++
    answered.latency.record(Math.max(1, Math.round((performance.now() - due) * 1_000)))
  }
  const call = (due: number): Promise<void> =>
    new Promise((resolve) => {
      const asking = (isTls ? httpsRequest : httpRequest)(url, request, (response) => {
        response.resume()
        response.on('close', () => {
          note(response.statusCode!, due, response.headers['retry-after'] !== undefined)
          resolve()
        })
      })
      asking.on('error', () => {
        note('lost', due, false)
        resolve()
      })
      asking.end(body)
    })

  const begin = performance.now()
  const calls: Promise<void>[] = []
  const total = rate * seconds
  while (calls.length < total) {
    const due = Math.min(total, Math.floor(((performance.now() - begin) * rate) / 1_000) + 1)
    while (calls.length < due) calls.push(call(begin + (calls.length * 1_000) / rate))
    await delay(TICK)
  }
  await Promise.all(calls)
  const took = (performance.now() - begin) / 1_000
  agent.destroy()
  return { answers, took }
}
