import { fileURLToPath } from 'node:url'
import type { Service } from './service.ts'

/** fauxqs, an emulator from npm that needs neither Docker nor an account. */
export const sqs: Service = {
  name: 'sqs',
  variable: 'SQS_URL',
  binary: { name: 'server.js', folders: [fileURLToPath(new URL('../../node_modules/fauxqs/dist', import.meta.url))] },
  prepare: ({ binary, port }) => [
    {
      command: process.execPath,
      args: [binary],
      env: { FAUXQS_PORT: `${port}`, FAUXQS_HOST: '127.0.0.1', FAUXQS_LOGGER: 'false' },
    },
  ],
  url: (port) => `http://127.0.0.1:${port}`,
  async ping(url) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues' },
      body: '{}',
      signal: AbortSignal.timeout(5_000),
    })
    if (response.status >= 500) throw new Error(`it answered ${response.status}`)
  },
}
