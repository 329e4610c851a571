import { SQSClient } from '@aws-sdk/client-sqs'
import type { Ms } from '@jobport/core/adapter'
import type { Settings } from '../options.ts'
import { addShortCut } from './short-cut.ts'

/** Until a connection is there: a host that does not exist or answer is told from a slow one. */
const CONNECT: Ms = 5_000

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
export function makeClient({ sqs, sockets }: Settings, timeout: Ms): SQSClient {
  // How many requests are in flight is bounded before they get here.
  const agent = { keepAlive: true, maxSockets: Infinity, maxFreeSockets: sockets }
  const client = new SQSClient({
    maxAttempts: 1,
    cacheMiddleware: true,
    // TLS vouches for what is received.
    md5: false,
    useQueueUrlAsEndpoint: sqs.endpoint === undefined,
    requestHandler: {
      connectionTimeout: CONNECT,
      requestTimeout: timeout,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
    ...sqs,
  })
  if (!DECISIVE.some((option) => option in sqs)) addShortCut(client)
  return client
}
