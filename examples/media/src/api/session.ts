import type { Http } from '@jobport/example-service'
import { z } from 'zod'
import { userSchema, type Tokens } from '../identity/token.ts'
import { COOKIE, type Callers } from './callers.ts'

export interface SessionOptions {
  readonly tokens: Tokens
  readonly callers: Callers
  /** Whether everybody may sign in under any name. Otherwise the application in front signs its users in, and sets the cookie. */
  readonly open: boolean
  /** Whether browsers come by https. */
  readonly secure: boolean
}

const sessionSchema = z.object({ user: userSchema, email: z.email().optional() })
const LIFETIME_HOURS = 12

/** Who is at the page. */
export function addSession(http: Http, { tokens, callers, open, secure }: SessionOptions): void {
  const cookie = { httpOnly: true, sameSite: 'strict', secure, path: '/' } as const

  const describe = { tags: ['session'], response: { 200: sessionSchema } }
  http.get('/session', { schema: { ...describe, summary: 'Who is signed in' } }, async (request) => {
    const { user, email } = await callers.identify(request)
    return { user, ...(email !== undefined && { email }) }
  })

  http.delete('/session', { schema: { tags: ['session'], summary: 'Sign out' } }, async (_, reply) =>
    reply.clearCookie(COOKIE, cookie).code(204).send(),
  )

  if (!open) return
  const summary = 'Sign in under any name, for trying the page out'
  http.post('/session', { schema: { ...describe, summary, body: sessionSchema } }, async ({ body }, reply) => {
    const { user, email } = body
    const identity = { user, application: 'page', ...(email !== undefined && { email }) }
    const token = await tokens.sign(identity, `${LIFETIME_HOURS}h`)
    void reply.setCookie(COOKIE, token, { ...cookie, maxAge: LIFETIME_HOURS * 3_600 })
    return body
  })
}
