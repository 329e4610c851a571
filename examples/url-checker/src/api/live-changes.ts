import type { Http } from '@jobport/example-service'
import type { Live } from '@jobport/notifier/live'

/** `GET /live`: an event each time a check is completed. It says that there is something new; what it is, `/get_jobs` says. */
export function liveChanges(app: Http, live: Live): void {
  const schema = { summary: 'Server-sent events: outcome, each time a check is completed' }
  app.get('/live', { schema }, async (request, reply) => {
    const gone = new AbortController()
    request.raw.once('close', () => gone.abort())
    const last = request.headers['last-event-id']
    const headers = typeof last === 'string' ? { 'last-event-id': last } : {}
    return reply.send(await live.fetch(new Request('http://localhost/live', { headers, signal: gone.signal })))
  })
}
