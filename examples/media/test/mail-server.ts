import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface MailServer {
  readonly port: number
  close(): Promise<void>
}

/** A mail server without TLS on a free port, which outlives clients that are killed in the middle. */
export async function openMailServer(options: SMTPServerOptions): Promise<MailServer> {
  const server = new SMTPServer({ disabledCommands: ['STARTTLS'], ...options })
  // A killed client resets its connection, and the server emits that as its own error.
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
