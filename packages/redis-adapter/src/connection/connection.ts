import { unencryptedPeer } from '@jobport/core/adapter'
import { Call } from './call.ts'
import { Patience, TIMED_OUT } from './patience.ts'
import type { Keys } from '../keys.ts'
import type { Script } from '../scripts/script.ts'
import type { Settings } from '../options.ts'
import { connect, isCluster, type Client } from './connect.ts'
import { failure } from './failure.ts'
import { Rights } from './rights.ts'

/** The connection that calls go through. It mends itself; a call that it could not make, or whose reply did not come, fails in bounded time. */
export class Connection {
  readonly client: Client
  readonly isCluster: boolean
  /** What scripts are told of it. */
  readonly clustered: '0' | '1'
  readonly #patience: Patience
  /** How often a connection was made. */
  #made = 0
  #rights: Rights | undefined

  constructor(settings: Settings) {
    this.client = connect(settings, 'calls')
    this.isCluster = isCluster(this.client)
    this.clustered = this.isCluster ? '1' : '0'
    this.#patience = new Patience(settings.commandTimeout)
    // What goes wrong is told by the calls that it makes fail.
    this.client.on('error', () => {})
    this.client.on('ready', () => this.#made++)
  }

  /** Who gets the password where anybody on the way can read it: the address of a server. */
  get exposedTo(): string | undefined {
    const servers = isCluster(this.client) ? this.client.nodes() : [this.client]
    return servers
      .filter(({ options }) => options.password)
      .map(({ stream }) => unencryptedPeer(stream))
      .find((peer) => peer !== undefined)
  }

  async open(): Promise<void> {
    try {
      await this.client.connect()
    } catch (error) {
      this.client.disconnect()
      throw failure(error)
    }
  }

  /** Lets calls that are under way end, which they do in bounded time. */
  async close(): Promise<void> {
    const isConnected = this.client.status === 'ready'
    const ended = new Promise((resolve) => this.client.once('end', resolve))
    await this.client.quit().catch(() => {})
    this.client.disconnect()
    // One that is between two attempts to connect ends without a word.
    if (isConnected) await ended
  }

  /**
   * Learns what the user may do, so that a script that it may not run as a whole is not begun.
   * @throws BackendError `denied` when it may not run the one that all need.
   */
  async learnRights(keys: Keys, scripts: readonly Script[], needed: Script): Promise<void> {
    this.#rights = new Rights((...call) => this.#evaluate(...call), keys, scripts)
    await this.#rights.ask()
    await this.#rights.check(needed)
  }

  /** Whether a script may be run that uses other keys of a queue than those that come with it, which a cluster does not allow. */
  canReachBeyond(script: Script): boolean {
    return !this.isCluster && this.#rights !== undefined && this.#rights.hasAllFor(script)
  }

  /** Runs a script, which the server knows by its hash but for the first time. */
  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    if (this.#rights?.areMissing !== true) return this.#evaluate(script, keys, args)
    return this.#rights.check(script).then(() => this.#evaluate(script, keys, args))
  }

  #evaluate(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    const made = this.#made
    return this.#send('evalsha', script.sha, keys, args, (error) => {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw this.#failed(error, made)
      return this.#send('eval', script.text, keys, args, (late) => {
        throw this.#failed(late, made)
      })
    })
  }

  #send(
    command: 'eval' | 'evalsha',
    script: string,
    keys: readonly string[],
    args: readonly (string | number)[],
    rescue: (error: unknown) => Promise<unknown>,
  ): Promise<unknown> {
    return this.#patience.with(Call.send(this.client, command, [script, keys.length, ...keys, ...args]), rescue)
  }

  /** Any other command. */
  async call<T>(command: (client: Client) => Promise<T>): Promise<T> {
    const made = this.#made
    try {
      return await command(this.client)
    } catch (error) {
      throw this.#failed(error, made)
    }
  }

  /** A connection on which a reply did not come may be dead without anyone having said so. */
  #failed(error: unknown, made: number): Error {
    const isSilent = error instanceof Error && error.message === TIMED_OUT && made === this.#made
    if (isSilent && !isCluster(this.client)) this.client.disconnect(true)
    return failure(error)
  }
}
