import { ClientError } from '@jobport/example-service'
import type { FastifyRequest } from 'fastify'
import type { Identity, Tokens } from '../identity/token.ts'

/** Holds the token of a signed-in browser: an EventSource can send no header of its own. */
export const COOKIE = 'media_session'

/** Who makes a request, by its token in the header `Authorization: Bearer …` or in the cookie of the page. */
export interface Callers {
  /** @throws ClientError 401 */
  identify(request: FastifyRequest): Promise<Identity>
}

export function createCallers(tokens: Tokens): Callers {
  return {
    async identify({ headers, cookies }) {
      const [, bearer] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? []
      const token = bearer ?? cookies[COOKIE]
      const identity = token === undefined ? undefined : await tokens.read(token)
      if (identity === undefined) throw new ClientError(401, 'unauthorized', 'a token of a user is needed')
      return identity
    },
  }
}
