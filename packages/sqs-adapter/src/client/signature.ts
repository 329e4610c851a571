import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'
import type { Ms } from '@jobport/core/adapter'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

const SERVICE = 'sqs'
const TYPE = 'application/x-amz-json-1.0'

/**
 * Signs requests of one kind, AWS JSON to the root of SQS, by Signature Version 4. The SDK signs any request there is, which costs more than the
 * rest of a small one; the key of a day is derived once.
 */
export class Signer {
  #key: KeyObject | undefined
  #keyOf = ''
  #second = 0
  #time = ''

  /** The headers of the request, its signature among them. */
  sign(
    body: string,
    host: string,
    target: string,
    region: string,
    credentials: Credentials,
    now: Ms,
  ): Record<string, string> {
    const time = this.#timeOf(now)
    const day = time.slice(0, 8)
    const { accessKeyId, sessionToken } = credentials
    const [headerOfToken, nameOfToken] =
      sessionToken === undefined ? ['', ''] : [`x-amz-security-token:${sessionToken}\n`, 'x-amz-security-token;']
    // They stand in the order of the alphabet, as the signature wants them.
    const names = `content-type;host;x-amz-date;${nameOfToken}x-amz-target`
    const lines = `content-type:${TYPE}\nhost:${host}\nx-amz-date:${time}\n${headerOfToken}x-amz-target:${target}\n`
    const canonical = `POST\n/\n\n${lines}\n${names}\n${hash('sha256', body)}`
    const scope = `${day}/${region}/${SERVICE}/aws4_request`
    const signature = createHmac('sha256', this.#keyFor(day, region, credentials))
      .update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', canonical)}`)
      .digest('hex')
    return {
      'content-type': TYPE,
      host,
      'x-amz-date': time,
      ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
      'x-amz-target': target,
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
      'content-length': String(Buffer.byteLength(body)),
    }
  }

  #timeOf(now: Ms): string {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#time = `${new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
    }
    return this.#time
  }

  #keyFor(day: string, region: string, { accessKeyId, secretAccessKey }: Credentials): KeyObject {
    const keyOf = `${day} ${region} ${accessKeyId} ${secretAccessKey}`
    if (this.#key === undefined || this.#keyOf !== keyOf) {
      const key = [day, region, SERVICE, 'aws4_request'].reduce<Buffer>(
        (before, part) => createHmac('sha256', before).update(part).digest(),
        Buffer.from(`AWS4${secretAccessKey}`),
      )
      this.#key = createSecretKey(key)
      this.#keyOf = keyOf
    }
    return this.#key
  }
}
