import { once } from 'node:events'
import { request, type RequestOptions } from 'node:https'
import { json as read } from 'node:stream/consumers'
import type { IncomingMessage } from 'node:http'

/** Posts JSON to a gateway whose certificate nobody vouches for, as that of development. */
export async function overTls(
  url: string,
  body: object,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const options: RequestOptions = {
    method: 'POST',
    rejectUnauthorized: false,
    headers: { 'content-type': 'application/json', ...headers },
    timeout: 30_000,
  }
  const sent = request(url, options)
  sent.end(JSON.stringify(body))
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: answer.statusCode!, body: await read(answer) }
}
