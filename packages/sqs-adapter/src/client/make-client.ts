import { SQSClient } from '@aws-sdk/client-sqs'
import type { Settings } from '../options.ts'

/** Between opening a connection and the first byte; a host that does not exist or answer is told from a slow one. */
const CONNECT = 5_000

/** A client whose connections stay open, without the retries of the SDK: those of a batch are made here, for the entries that need it. */
export function makeClient({ sqs, sockets }: Settings): SQSClient {
  return new SQSClient({
    maxAttempts: 1,
    // TLS vouches for what is received.
    md5: false,
    useQueueUrlAsEndpoint: sqs.endpoint === undefined,
    requestHandler: {
      connectionTimeout: CONNECT,
      // How many are in flight is bounded before; requests that wait for jobs are not to hold up the others.
      httpAgent: { keepAlive: true, maxSockets: Infinity, maxFreeSockets: sockets },
      httpsAgent: { keepAlive: true, maxSockets: Infinity, maxFreeSockets: sockets },
    },
    ...sqs,
  })
}
