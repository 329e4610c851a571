/**
 * What the proxy does to what passes. One at a time; `heal` ends it.
 *
 * - `cut`: the connection is reset before the request reaches the server.
 * - `lose-reply`: the server executes the request, and the connection is reset before the reply reaches the client. What else is on its
 *   way on that connection is lost as well.
 * - `black-hole`: the connection stays open and nothing comes out of it any more, not even its end: half-open TCP. It stays so when
 *   the proxy is healed. Without a selection it takes in every connection at once.
 * - `delay`: everything arrives late, in order, both ways.
 * - `trickle`: everything arrives in small pieces, both ways.
 * - `refuse`: as if the server were gone: open connections are reset, new ones refused.
 */
export type Fault = RequestFault | Slowness | { readonly kind: 'refuse' }

/** A fault that strikes at certain requests. */
export type RequestFault = { readonly kind: 'cut' | 'lose-reply' | 'black-hole' } & Selection

export type Slowness =
  | {
      readonly kind: 'delay'
      /** Milliseconds. `Infinity`: until the fault ends. */
      readonly ms: number
    }
  | {
      readonly kind: 'trickle'
      /** Size of a piece. */
      readonly bytes: number
      /** Milliseconds before each piece. */
      readonly ms: number
    }

/**
 * Which requests are hit; all of them where nothing is said. A request is what arrives from the client in one piece: a command, several that
 * were sent together, or a part of a large one.
 */
export interface Selection {
  /** Only these, by their bytes. */
  readonly matching?: (request: Buffer) => boolean
  /** Of those that match, each n-th. */
  readonly every?: number
  /** Of those that match, a share from 0 to 1, drawn by the seed. */
  readonly share?: number
  /** No more than so many; the others pass. */
  readonly times?: number
}

/** Says of request after request whether it is hit. */
export function selector(
  { matching, every, share, times = Infinity }: Selection,
  random: () => number,
): (request: Buffer) => boolean {
  let matched = 0
  let hits = 0
  return (request) => {
    if (hits >= times || matching?.(request) === false) return false
    matched++
    if (every !== undefined && matched % every !== 0) return false
    if (share !== undefined && random() >= share) return false
    hits++
    return true
  }
}
