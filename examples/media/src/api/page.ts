import { fastifyStatic } from '@fastify/static'
import type { Http } from '@jobport/example-service'

/** Nothing from elsewhere, nothing inline, in nobody's frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "media-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The page, from the files of a folder. */
export async function addPage(http: Http, folder: string): Promise<void> {
  await http.register(fastifyStatic, {
    root: folder,
    setHeaders: (reply) => {
      void reply.header('content-security-policy', POLICY)
      void reply.header('x-content-type-options', 'nosniff')
      void reply.header('referrer-policy', 'no-referrer')
    },
  })
}
