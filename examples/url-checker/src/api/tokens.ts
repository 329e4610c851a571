import { jwtVerify, SignJWT } from 'jose'

const ALGORITHM = 'HS256'
const AUDIENCE = 'url-checker'

/** Who may submit URLs: those who hold a token that this key has signed. */
export class Tokens {
  readonly #key: Uint8Array

  constructor(secretKey: string) {
    this.#key = new TextEncoder().encode(secretKey)
  }

  /** A token for `holder`, good for so many days. */
  async sign(holder: string, days: number): Promise<string> {
    return new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM })
      .setAudience(AUDIENCE)
      .setSubject(holder)
      .setIssuedAt()
      .setExpirationTime(`${days} days`)
      .sign(this.#key)
  }

  /** Whom the token was made for; `undefined` when it is not ours, was changed, or is over. */
  async holderOf(token: string): Promise<string | undefined> {
    const rules = { algorithms: [ALGORITHM], audience: AUDIENCE, requiredClaims: ['sub', 'exp'] }
    return jwtVerify(token, this.#key, rules).then(
      ({ payload }) => payload.sub,
      () => undefined,
    )
  }
}
