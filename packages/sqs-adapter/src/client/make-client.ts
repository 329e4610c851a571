import { SQSClient } from '@aws-sdk/client-sqs'
import type { Ms } from '@jobport/core/adapter'
import { UndiciHttpHandler } from '@smithy/undici-http-handler'
import type { Settings } from '../options.ts'
import { addShortCut } from './short-cut.ts'

/** Until a connection is there: a host that does not exist or answer is told from a slow one. */
const CONNECT: Ms = 5_000
/** How long a connection that nobody uses stays open, unless the server names a time: the next job should not wait for a handshake. */
const IDLE: Ms = 60_000

/** Options by which a request becomes another than the short cut makes. */
const DECISIVE = [
  'signer',
  'signerConstructor',
  'httpAuthSchemes',
  'httpAuthSchemeProvider',
  'protocol',
  'extensions',
] as const

/** A client whose connections stay open, without the retries of the SDK: those of a batch are made here, for the entries that need it. */
export function makeClient({ sqs }: Settings, timeout: Ms): SQSClient {
  const client = new SQSClient({
    maxAttempts: 1,
    cacheMiddleware: true,
    // TLS vouches for what is received.
    md5: false,
    useQueueUrlAsEndpoint: sqs.endpoint === undefined,
    // As many connections as there are requests at once: how many is bounded before they get here.
    requestHandler: new UndiciHttpHandler({
      dispatcher: {
        connect: { timeout: CONNECT },
        keepAliveTimeout: IDLE,
        headersTimeout: timeout,
        bodyTimeout: timeout,
      },
    }),
    ...sqs,
  })
  if (!DECISIVE.some((option) => option in sqs)) addShortCut(client, sqs.endpoint)
  return client
}
