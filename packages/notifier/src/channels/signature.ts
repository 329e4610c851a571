import { createHmac } from 'node:crypto'
import { OptionError } from '@jobport/core/notify'

/** The key of a secret as Standard Webhooks writes it: `whsec_` and base64 of 24 to 64 bytes. */
export function keyOf(secret: string): Buffer {
  const text = secret.startsWith('whsec_') ? secret.slice(6) : secret
  const key = Buffer.from(text, 'base64')
  const isBase64 = key.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '')
  if (isBase64 && key.length >= 24 && key.length <= 64) return key
  throw new OptionError('secret', 'is not usable; give whsec_ and 24 to 64 random bytes in base64')
}

/** The headers that prove to the receiver who sent this, by each of the secrets: while one takes the place of another, both are valid. */
export function signed(
  id: string,
  seconds: number,
  body: string,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const content = `${id}.${seconds}.${body}`
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', keyOf(secret)).update(content).digest('base64')}`,
  )
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signatures.join(' ') }
}
