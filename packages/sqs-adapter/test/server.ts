import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs'

/** The server that the tests run on. */
export function serverUrl(): string {
  const url = process.env['SQS_URL']
  if (url === undefined) throw new Error('SQS_URL is not set: run the tests by `npm test`, which starts a server')
  return url
}

/** How a client reaches it. */
export function reach(endpoint = serverUrl()): SQSClientConfig {
  return { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
}

export function plainClient(): SQSClient {
  return new SQSClient(reach())
}
