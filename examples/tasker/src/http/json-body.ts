import { ClientError, type Http } from '@jobport/example-service'

/**
 * Reads every body as JSON, whatever its headers call it, also that of a GET. Clients of this API send bodies with GET, which fastify ignores unless it is told
 * otherwise, and send the header of a body where there is none.
 */
export function readJsonBodies(app: Http): void {
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, async (_: unknown, body: string | Buffer) => {
    if (body === '') return undefined
    try {
      return JSON.parse(String(body)) as unknown
    } catch (error) {
      throw new ClientError(400, 'not-json', `the body is not JSON: ${(error as Error).message}`, 'body')
    }
  })
}
