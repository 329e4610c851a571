import fastifyStatic from '@fastify/static'
import type { Http } from '@jobport/example-service'

/** The page brings all it needs, and talks to nobody else. */
const POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** `GET /`: the page, as Vite has built it into `folder`. */
export async function page(app: Http, folder: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: folder,
    setHeaders(reply, path) {
      reply.header('content-security-policy', POLICY)
      reply.header('x-content-type-options', 'nosniff')
      reply.header('referrer-policy', 'no-referrer')
      // Their names hold a hash of their contents.
      reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}
