import type { Backend } from '@jobport/core'
import type { Http, Logger } from '@jobport/example-service'
import { createLive, type Live } from '@jobport/notifier/live'
import type { Identity } from '../identity/token.ts'
import { ITEM_QUEUES } from '../items/jobs.ts'
import type { Callers } from './callers.ts'

/** Who asks, for a request that has been let in. */
const asking = new WeakMap<Request, Identity>()

/** What happens to a user's items, as it happens: events `progress` and `outcome`. */
export function addEvents(http: Http, backend: Backend, callers: Callers, log: Logger): Live {
  const live = createLive(backend, {
    queues: ITEM_QUEUES,
    authorize: (request) => {
      const identity = asking.get(request)
      return identity && (({ headers }) => headers['user'] === identity.user)
    },
    every: '500ms',
    onError: (error) => log.warn({ err: error }, 'live stream'),
  })
  const summary = 'Progress and outcomes as they happen, as server-sent events'
  http.get(
    '/events',
    { schema: { tags: ['items'], summary, produces: ['text/event-stream'] } },
    async (request, reply) => {
      const identity = await callers.identify(request)
      const gone = new AbortController()
      reply.raw.on('close', () => gone.abort())
      // Without the browser's Last-Event-ID: to look through a week of records for what it missed costs more than its asking for the newest items.
      const asked = new Request(new URL(request.url, 'http://localhost'), { signal: gone.signal })
      asking.set(asked, identity)
      return reply.send(await live.fetch(asked))
    },
  )
  return live
}
