import { createSecretKey } from 'node:crypto'
import { SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { createTokens } from './token.ts'

const secret = 'a secret of thirty-two characters'
const tokens = createTokens(secret)
const ada = { user: 'ada', email: 'ada@example.org', application: 'shop' }

describe('a token', () => {
  it('says who it speaks for', async () => {
    expect(await tokens.read(await tokens.sign(ada, '1h'))).toEqual(ada)
    const withoutMail = { user: 'ada', application: 'shop' }
    expect(await tokens.read(await tokens.sign(withoutMail, '1h'))).toEqual(withoutMail)
  })

  it.each([
    ['of another secret', () => createTokens('another secret of thirty-two chars').sign(ada, '1h')],
    ['that has run out', () => tokens.sign(ada, '-1s')],
    ['that nobody signed', () => new UnsecuredJWT({ sub: 'ada', iss: 'shop', aud: 'media' }).encode()],
    ['for another service', () => sign({ sub: 'ada', iss: 'shop', aud: 'billing' }, '1h')],
    ['without an end', () => sign({ sub: 'ada', iss: 'shop', aud: 'media' })],
    ['for a user with an impossible name', () => tokens.sign({ ...ada, user: 'ada\n' }, '1h')],
    ['that is none', () => 'x.y.z'],
  ])('%s is refused', async (_, make) => {
    expect(await tokens.read(await make())).toBeUndefined()
  })
})

function sign(claims: Record<string, string>, lifetime?: string): Promise<string> {
  const token = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' })
  if (lifetime !== undefined) token.setExpirationTime(lifetime)
  return token.sign(createSecretKey(secret, 'utf8'))
}
