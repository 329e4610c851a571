import type { JobId, Lease } from '@jobport/core/adapter'

/** What a token says about a claim. */
export interface Handle {
  /** `attempt ':' random`, shared by all jobs of a claim that had as many attempts. */
  readonly prefix: string
  readonly seq: number
  /** The two bits that never change. */
  readonly flags: number
}

/** A lease as it is given out. It knows what its token says, which need not be read when the lease comes back as it was. */
export class SealedLease implements Lease {
  readonly id: JobId
  readonly queue: string
  /** Behind `attempt ':' random` it says where the row is, so that settling needs no look-up by id, and has a sum that ties it to the id. */
  readonly token: string
  readonly #handle: Handle

  constructor(id: JobId, queue: string, handle: Handle) {
    this.id = id
    this.queue = queue
    this.token = `${handle.prefix}.${(handle.seq * 4 + handle.flags).toString(36)}.${sum(id)}`
    this.#handle = handle
  }

  /** `undefined` for a lease that was written down and read again, or made by hand. */
  static handleOf(lease: Lease): Handle | undefined {
    return #handle in lease ? lease.#handle : undefined
  }
}

/** `undefined`: no token of ours, or not one for this job. */
export function unseal(lease: Lease): Handle | undefined {
  return SealedLease.handleOf(lease) ?? read(lease)
}

function read({ token: text, id }: Lease): Handle | undefined {
  const end = text.lastIndexOf('.')
  const middle = text.lastIndexOf('.', end - 1)
  if (middle < 3 || text.slice(end + 1) !== sum(id)) return undefined
  const place = text.slice(middle + 1, end)
  const number = parseInt(place, 36)
  if (!Number.isSafeInteger(number) || number < 4 || number.toString(36) !== place) return undefined
  return { prefix: text.slice(0, middle), seq: Math.floor(number / 4), flags: number % 4 }
}

/** The two parts of a prefix; `undefined` when it is none. */
export function parsePrefix(prefix: string): { readonly attempt: number; readonly claim: string } | undefined {
  const colon = prefix.indexOf(':')
  const attempt = Number(prefix.slice(0, colon))
  if (colon < 1 || !Number.isSafeInteger(attempt) || String(attempt) !== prefix.slice(0, colon)) return undefined
  return { attempt, claim: prefix.slice(colon + 1) }
}

/** FNV-1a, 32 bits. */
function sum(id: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193)
  return (hash >>> 0).toString(36)
}
