import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Backend, Ms } from '@jobport/core'

/** A registry of prom-client, or whatever else writes metrics. */
export interface MetricsSource {
  readonly contentType: string
  metrics(): Promise<string>
}

export interface EndpointsOptions {
  /** What `/metrics` answers. Without it there is no `/metrics`. */
  readonly metrics?: MetricsSource
  /** `/readyz` answers 503 while it is out of reach. */
  readonly backend?: Pick<Backend<any>, 'health'>
  /** Further conditions of `/readyz`, by a name that may be seen. One that throws, or takes longer than `timeout`, is not met. */
  readonly checks?: Readonly<Record<string, () => boolean | Promise<boolean>>>
  /** Default 2000 ms. */
  readonly timeout?: Ms
}

/** `/metrics`, `/healthz` (the process answers) and `/readyz` (it can do its work), for a server of your own. */
export interface Endpoints {
  /** For whatever speaks in `Request` and `Response`. */
  readonly fetch: (request: Request) => Promise<Response>
  /** For `http.createServer(endpoints.listener)`, or a route of a framework. */
  readonly listener: (request: IncomingMessage, response: ServerResponse) => void
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

/** No answer tells why something failed: who may scrape need not know. */
export function createEndpoints(options: EndpointsOptions): Endpoints {
  const answer = async (method: string, path: string): Promise<Answer> => {
    if (!['/metrics', '/healthz', '/readyz'].includes(path)) return plain(404, 'not found')
    if (method !== 'GET' && method !== 'HEAD') return plain(405, 'method not allowed')
    if (path === '/healthz') return plain(200, 'ok')
    return path === '/readyz' ? readiness(options) : exposition(options)
  }
  return {
    async fetch(request) {
      const { status, type, body } = await answer(request.method, new URL(request.url).pathname)
      return new Response(request.method === 'HEAD' ? null : body, { status, headers: headersOf(status, type) })
    },
    listener(request, response) {
      const { method = 'GET', url = '/' } = request
      const reply = ({ status, type, body }: Answer): ServerResponse =>
        response.writeHead(status, headersOf(status, type)).end(method === 'HEAD' ? undefined : body)
      void answer(method, url.split('?')[0]!).then(reply)
    },
  }
}

async function exposition({ metrics }: EndpointsOptions): Promise<Answer> {
  if (metrics === undefined) return plain(404, 'not found')
  try {
    return { status: 200, type: metrics.contentType, body: await metrics.metrics() }
  } catch {
    return plain(500, 'the metrics could not be collected')
  }
}

async function readiness({ backend, checks = {}, timeout = 2_000 }: EndpointsOptions): Promise<Answer> {
  const all = { ...(backend && { backend: async () => (await backend.health()).reachable }), ...checks }
  const results = await Promise.all(
    Object.entries(all).map(async ([name, check]) => [name, await isMet(check, timeout)] as const),
  )
  const ready = results.every(([, met]) => met)
  const body = JSON.stringify({ ready, checks: Object.fromEntries(results) })
  return { status: ready ? 200 : 503, type: 'application/json', body }
}

async function isMet(check: () => boolean | Promise<boolean>, timeout: Ms): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, timeout, false)))
  try {
    return await Promise.race([check(), late])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}

function plain(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}\n` }
}

function headersOf(status: number, type: string): Record<string, string> {
  return { 'content-type': type, 'cache-control': 'no-store', ...(status === 405 && { allow: 'GET, HEAD' }) }
}
