import { createSecretKey } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'

/** On whose behalf a request is made, and by which application. */
export interface Identity {
  readonly user: string
  /** Where the user wants to be told of results. */
  readonly email?: string
  readonly application: string
}

/** Signs and reads the tokens by which applications speak for their users: JSON Web Tokens, HS256, with the user as `sub` and the application as `iss`. */
export interface Tokens {
  sign(identity: Identity, lifetime: string): Promise<string>
  /** `undefined` for a token that is not one of ours, or no longer. */
  read(token: string): Promise<Identity | undefined>
}

const AUDIENCE = 'media'

export const userSchema = z.string().regex(/^[\w.@+-]{1,64}$/, 'must be 1 to 64 letters, digits or . _ @ + -')
const claims = z.object({ sub: userSchema, iss: z.string().min(1).max(64), email: z.email().optional() })

export function createTokens(secret: string): Tokens {
  const key = createSecretKey(secret, 'utf8')
  return {
    sign: ({ user, email, application }, lifetime) =>
      new SignJWT(email === undefined ? {} : { email })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(user)
        .setIssuer(application)
        .setAudience(AUDIENCE)
        .setExpirationTime(lifetime)
        .sign(key),
    async read(token) {
      const options = { algorithms: ['HS256'], audience: AUDIENCE, requiredClaims: ['exp'] }
      const verified = await jwtVerify(token, key, options).catch(() => undefined)
      const parsed = claims.safeParse(verified?.payload)
      if (!parsed.success) return undefined
      const { sub: user, iss: application, email } = parsed.data
      return { user, application, ...(email !== undefined && { email }) }
    },
  }
}
