import { lookup as resolve } from 'node:dns/promises'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { callbackify } from 'node:util'
import { OptionError, Unrecoverable } from '@jobport/core/notify'

/** What no message from outside may make us connect to, by the registries of special-purpose addresses (RFC 6890 and its successors). */
const FORBIDDEN_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
/** Of IPv6 only global unicast is allowed at all, and of that not what leads to IPv4 by another way, nor documentation. */
const GLOBAL_V6 = '2000::/3'
const FORBIDDEN_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const forbiddenV4 = listOf(FORBIDDEN_V4)
const forbiddenV6 = listOf(FORBIDDEN_V6)
const globalV6 = listOf([GLOBAL_V6])

/** Looks names up; tests bring their own. */
export type Resolve = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>

/** An address that must not be connected to. A job that throws it is dead at once: it would be refused again. */
export class ForbiddenAddressError extends Unrecoverable {
  override readonly name = 'ForbiddenAddressError'

  constructor(host: string) {
    super(`${host} is, or resolves to, an address that is not public; if that is right, name it in allow`)
  }
}

/**
 * Decides which addresses may be connected to when others say where: those that are public, and those that were allowed. Private, local, link-local, shared,
 * reserved and documentation networks are not, nor are IPv6 addresses that lead to IPv4 by another way.
 *
 * A request to a URL needs both of `checkLiteral`, since a host that is an address is not looked up, and `lookup`, so that the connection goes to the address that was
 * looked at. A redirect is a request of its own.
 *
 * ```ts
 * const guard = new AddressGuard(['10.1.0.0/16'])
 * guard.checkLiteral(url.hostname)
 * const request = https.request(url, { lookup: guard.lookup })
 * ```
 */
export class AddressGuard {
  readonly #allowed: BlockList
  readonly #resolve: Resolve

  /**
   * `allow`: addresses and networks, such as `10.1.0.0/16`, that may be connected to although they are not public. `resolveName` looks names up; default: the system.
   * @throws OptionError for what is neither an address nor a network.
   */
  constructor(allow: readonly string[] = [], resolveName: Resolve = (host) => resolve(host, { all: true })) {
    this.#allowed = listOf(allow)
    this.#resolve = resolveName
  }

  /** For `http.request`: the addresses it connects to are those that were looked at here; nobody looks them up once more. */
  readonly lookup: LookupFunction = (host, options, callback) => {
    const answer = callbackify(this.addressesOf.bind(this))
    answer(host, (error, addresses) => {
      if (error !== null) callback(error, [])
      else if (options.all === true) callback(null, [...addresses])
      else callback(null, addresses[0]!.address, addresses[0]!.family)
    })
  }

  /**
   * All addresses of a name. One that is forbidden spoils them all: who controls the name chose it.
   * @throws ForbiddenAddressError
   */
  async addressesOf(host: string): Promise<readonly { address: string; family: number }[]> {
    const addresses = await this.#resolve(host)
    if (addresses.length === 0) throw new Error(`${host} has no address`)
    if (addresses.some(({ address }) => !this.allows(address))) throw new ForbiddenAddressError(host)
    return addresses.map(({ address, family }) => ({ address, family }))
  }

  /**
   * For hosts that are addresses, of which nothing is looked up. Takes the `hostname` of a URL, which writes every form of an address in one way.
   * @throws ForbiddenAddressError
   */
  checkLiteral(hostname: string): void {
    const address = hostname.replace(/^\[(.*)\]$/, '$1')
    if (isIP(address) !== 0 && !this.allows(address)) throw new ForbiddenAddressError(hostname)
  }

  /** Whether a connection to this address is allowed. `false` for what is no address. */
  allows(address: string): boolean {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (isIP(address) === 0) return false
    if (this.#allowed.check(address, family)) return true
    if (family === 'ipv4') return !forbiddenV4.check(address)
    return globalV6.check(address, 'ipv6') && !forbiddenV6.check(address, 'ipv6')
  }
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits, ...rest] = network.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    const most = family === 'ipv6' ? 128 : 32
    const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Infinity
    if (isIP(address) === 0 || rest.length > 0 || prefix > most) {
      throw new OptionError(
        'allow',
        `${JSON.stringify(network)} is neither an address nor a network; give one such as 10.0.0.0/8`,
      )
    }
    list.addSubnet(address, prefix, family)
  }
  return list
}
