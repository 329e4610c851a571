import { token, type Lease } from '@jobport/core/adapter'

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

export function prefixOf({ no, attempt, random }: Claim): string {
  return `${token(attempt, random)}.${no.toString(36)}`
}

/** The rest of the token says where the job is, so that settling needs no look-up by id, and which job that is. */
function sealed(prefix: string, seq: number, flags: number, id: string): string {
  return `${prefix}.${(seq * 4 + (flags & 3)).toString(36)}.${id}`
}

/** A lease that remembers what its token says: mostly it comes back as it was given out. */
export class SealedLease implements Lease, Handle {
  readonly id: string
  readonly queue: string
  readonly token: string
  readonly #prefix: string
  readonly #seq: number
  readonly #flags: number

  constructor(id: string, queue: string, prefix: string, seq: number, flags: number) {
    this.id = id
    this.queue = queue
    this.token = sealed(prefix, seq, flags, id)
    this.#prefix = prefix
    this.#seq = seq
    this.#flags = flags
  }

  get prefix(): string {
    return this.#prefix
  }

  get seq(): number {
    return this.#seq
  }

  get flags(): number {
    return this.#flags
  }
}

/** What the token of a lease says; `undefined`: it is none of ours, or not one for this job. */
export function handleOf(lease: Lease): Handle | undefined {
  return lease instanceof SealedLease ? lease : unseal(lease)
}

function unseal({ token: text, id }: Lease): Handle | undefined {
  const end = text.length - id.length - 1
  const middle = text.lastIndexOf('.', end - 1)
  if (middle < 3 || text[end] !== '.' || !text.endsWith(id)) return undefined
  const number = readNumber(text.slice(middle + 1, end))
  if (number === undefined || number < 4) return undefined
  return { prefix: text.slice(0, middle), seq: Math.floor(number / 4), flags: number % 4 }
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
