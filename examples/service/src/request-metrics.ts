import { Histogram, type Registry } from 'prom-client'
import type { Http } from './http.ts'

/**
 * Measures requests by method, route and status: `http_request_duration_seconds`, from which rate, errors and duration are made. The route is the pattern, such as
 * `/items/:id`, so that no caller can make series without end. Streams count as long as they are open. Call it before the routes are added.
 */
export function measureRequests(http: Http, registry: Registry): void {
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'From the head of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.3, 1, 3, 10, 60],
    registers: [registry],
  })
  http.addHook('onResponse', async ({ method, routeOptions }, { statusCode, elapsedTime }) => {
    const route = routeOptions.url ?? 'none'
    duration.observe({ method, route, status: String(statusCode) }, elapsedTime / 1_000)
  })
}
