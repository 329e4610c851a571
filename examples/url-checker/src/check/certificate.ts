import type { TLSSocket } from 'node:tls'
import type { Certificate } from '../report/report.ts'
import { plainText } from './plain-text.ts'

const MOST_CHARACTERS = 200

/** The certificate that the other side of a connection showed; `null` where it cannot be read. */
export function certificateOf(socket: TLSSocket): Certificate | null {
  const peer = socket.getPeerCertificate()
  const validFrom = new Date(peer.valid_from)
  const validTo = new Date(peer.valid_to)
  if (Number.isNaN(validFrom.getTime()) || Number.isNaN(validTo.getTime())) return null
  return {
    subject: nameOf(peer.subject),
    issuer: nameOf(peer.issuer),
    validFrom: validFrom.toISOString(),
    validTo: validTo.toISOString(),
    trusted: socket.authorized,
    // Typed as an error; it is the code of one.
    problem: socket.authorized ? null : plainText(String(socket.authorizationError), MOST_CHARACTERS),
  }
}

/** The common name where there is one, else who it belongs to. */
function nameOf({ CN, O }: { readonly CN?: string | string[]; readonly O?: string | string[] }): string {
  const name = CN ?? O ?? ''
  return plainText(typeof name === 'string' ? name : name.join(', '), MOST_CHARACTERS)
}
