import { keepShape, token, type Lease } from '@jobport/core/adapter'
import { BLOCK_SIZE, blockOf, placeOf } from './jobs-of-block.ts'

/** The part of a token that jobs of one claim with as many attempts share. */
export interface Claim {
  readonly no: number
  readonly attempt: number
  readonly random: string
}

/** What a token says. */
export interface Handle {
  /** `attempt ':' random '.' number of the claim`. */
  readonly prefix: string
  readonly seq: number
  /** Whether a unique key or a group has to be seen to. */
  readonly flags: number
}

function prefixOf({ no, attempt, random }: Claim): string {
  return `${token(attempt, random)}.${no.toString(36)}`
}

/** Places in a block as texts. */
const PLACES = Array.from({ length: BLOCK_SIZE }, (_, place) => `${place.toString(36)}.`)

/**
 * Gives out the leases of jobs of one claim that have as many attempts and the same flags. Behind the prefix a token says where the job is, so that settling needs no look-up by id, and
 * which job that is. What neighbours have in common is one text, which they share.
 */
export class Seal {
  readonly queue: string
  readonly prefix: string
  readonly flags: number
  #block = -1
  #head = ''

  constructor(queue: string, claim: Claim, flags: number) {
    this.queue = queue
    this.prefix = prefixOf(claim)
    this.flags = flags
  }

  lease(id: string, seq: number): Lease {
    const block = blockOf(seq)
    if (block !== this.#block) {
      this.#block = block
      this.#head = `${this.prefix}.${(block * 4 + (this.flags & 3)).toString(36)}.`
    }
    return new SealedLease(id, this, this.#head + PLACES[placeOf(seq)]! + id, seq)
  }
}

/** A lease that remembers what its token says: mostly it comes back as it was given out. */
class SealedLease implements Lease, Handle {
  readonly id: string
  readonly queue: string
  readonly token: string
  readonly #seal: Seal
  readonly #seq: number

  constructor(id: string, seal: Seal, token: string, seq: number) {
    this.id = id
    this.queue = seal.queue
    this.token = token
    this.#seal = seal
    this.#seq = seq
  }

  get prefix(): string {
    return this.#seal.prefix
  }

  get seq(): number {
    return this.#seq
  }

  get flags(): number {
    return this.#seal.flags
  }
}

keepShape(new Seal('', { no: 0, attempt: 1, random: '' }, 0).lease('', 0))

/** What the token of a lease says; `undefined`: it is none of ours, or not one for this job. */
export function handleOf(lease: Lease): Handle | undefined {
  return lease instanceof SealedLease ? lease : unseal(lease)
}

function unseal({ token: text, id }: Lease): Handle | undefined {
  const end = text.length - id.length - 1
  const last = text.lastIndexOf('.', end - 1)
  const middle = text.lastIndexOf('.', last - 1)
  if (middle < 3 || text[end] !== '.' || !text.endsWith(id)) return undefined
  const block = readNumber(text.slice(middle + 1, last))
  const place = readNumber(text.slice(last + 1, end))
  if (block === undefined || place === undefined || place >= BLOCK_SIZE) return undefined
  return { prefix: text.slice(0, middle), seq: Math.floor(block / 4) * BLOCK_SIZE + place, flags: block % 4 }
}

/** `undefined` when it is none. */
export function parsePrefix(prefix: string): Claim | undefined {
  const match = /^([1-9]\d{0,8}):([0-9a-z]{1,14})\.([0-9a-z]{1,11})$/.exec(prefix)
  const no = match === null ? undefined : readNumber(match[3]!)
  return no === undefined ? undefined : { attempt: Number(match![1]), random: match![2]!, no }
}

function readNumber(text: string): number | undefined {
  const number = parseInt(text, 36)
  return Number.isSafeInteger(number) && number.toString(36) === text ? number : undefined
}
