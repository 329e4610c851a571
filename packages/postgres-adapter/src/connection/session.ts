import { BackendError, sleep, systemClock, unencryptedPeer } from '@jobport/core/adapter'
import pg, {
  type Client,
  type ClientConfig,
  type Pool,
  type PoolClient,
  type PoolConfig,
  type QueryArrayConfig,
} from 'pg'
import { NAME } from '../limits.ts'
import type { Settings } from '../options.ts'
import type { Value } from '../wire/new-jobs.ts'
import { codeOf, failure, isConflict } from './failure.ts'

/** Values as Postgres writes them, in the order of the columns. */
export type Row = readonly any[]

/** A statement that is asked again and again. */
export interface Statement {
  /** Unique among those with another text. */
  readonly name: string
  readonly text: string
}

/** What executes statements. */
export interface Line {
  ask(statement: Statement, values: readonly Value[]): Promise<Row[]>
}

/** How often a statement is repeated at once that other transactions were in the way of. */
const TRIES = 4

const AS_TEXT = { getTypeParser: () => (text: unknown) => text } as unknown as NonNullable<QueryArrayConfig['types']>

interface Queryable {
  query(config: QueryArrayConfig): Promise<{ readonly rows: any[] }>
}

/** Whether statements stay prepared in a session, which a pooler in transaction mode does not allow. */
export interface Mode {
  readonly prepares: boolean
}

/** The connections for calls: a pool of our own or of the application. */
export class CallLine implements Line {
  readonly #pool: Pool
  readonly #mode: Mode
  readonly #isOwn: boolean
  readonly #calls = new Calls()
  #closed = false

  constructor(settings: Settings, mode: Mode, onLost: () => void) {
    this.#isOwn = settings.pool === undefined
    this.#pool = settings.pool ?? ownPool(settings, mode)
    this.#mode = mode
    // Without listeners, a connection that is lost would end the process: of the pool while it is idle, of its own while it changes hands.
    this.#pool.on('error', this.#onError)
    this.#pool.on('connect', guard)
    this.#pool.on('acquire', guard)
    this.#onLost = onLost
  }

  readonly #onLost: () => void
  readonly #onError = (): void => this.#onLost()

  async ask(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    if (this.#closed) throw new BackendError('closed', NAME, 'the backend is closed')
    return this.#calls.track(askOf(this.#pool, statement, values, this.#mode))
  }

  async close(): Promise<void> {
    await this.#calls.ended()
    this.#closed = true
    this.#pool.off('error', this.#onError)
    this.#pool.off('connect', guard)
    this.#pool.off('acquire', guard)
    if (!this.#isOwn) return
    this.#pool.on('error', () => {})
    await this.#pool.end()
  }
}

/** Calls under way on a line that is to be closed. */
class Calls {
  #count = 0
  #onEnd: (() => void) | undefined

  async track<T>(call: Promise<T>): Promise<T> {
    this.#count++
    try {
      return await call
    } finally {
      this.#count--
      if (this.#count === 0) this.#onEnd?.()
    }
  }

  /** Resolves when all have ended, also those that ask more than once. */
  async ended(): Promise<void> {
    while (this.#count > 0) {
      await new Promise<void>((resolve) => (this.#onEnd = resolve))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

const guarded = new WeakSet<object>()

function guard(client: PoolClient): void {
  if (guarded.has(client)) return
  guarded.add(client)
  client.on('error', () => {})
}

interface OwnLineOptions {
  readonly onConnect?: (client: Client) => Promise<void>
  readonly onLost?: () => void
  /** Whether statements are sent without waiting for the answers to those before; the server executes them in order. */
  readonly pipeline?: boolean
}

/** One connection for one purpose, made when it is needed and made again when it was lost. */
export class OwnLine implements Line {
  readonly #settings: Settings
  readonly #mode: Mode
  readonly #onConnect: ((client: Client) => Promise<void>) | undefined
  readonly #onLost: (() => void) | undefined
  readonly #pipeline: boolean
  #client: Promise<Client> | undefined
  #current: Client | undefined
  #last: Promise<unknown> = Promise.resolve()
  readonly #calls = new Calls()
  #closed = false

  constructor(settings: Settings, mode: Mode, { onConnect, onLost, pipeline = false }: OwnLineOptions = {}) {
    this.#settings = settings
    this.#mode = mode
    this.#onConnect = onConnect
    this.#onLost = onLost
    this.#pipeline = pipeline
  }

  /** With whom a password is used where anybody on the way can read along: the address of a server. */
  get exposedTo(): string | undefined {
    return this.#current?.password ? unencryptedPeer(this.#current.connection.stream) : undefined
  }

  ask(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    const body = (client: Client): Promise<Row[]> => askOf(client, statement, values, this.#mode)
    return this.#calls.track(this.#pipeline ? this.#use(body) : this.use(body))
  }

  /** Has the connection for itself while `body` runs. */
  use<T>(body: (client: Client) => Promise<T>): Promise<T> {
    const done = this.#last.then(() => this.#use(body))
    this.#last = done.catch(() => {})
    return done
  }

  async #use<T>(body: (client: Client) => Promise<T>): Promise<T> {
    let client: Client
    try {
      client = await this.#connected()
    } catch (error) {
      throw failure(error)
    }
    try {
      return await body(client)
    } catch (error) {
      const failed = failure(error)
      // A call that got no answer in time leaves the connection in the middle of something.
      if (!(failed instanceof BackendError) || failed.code === 'unavailable') this.#drop(client)
      throw failed
    }
  }

  #connected(): Promise<Client> {
    if (this.#closed) return Promise.reject(new BackendError('closed', NAME, 'the backend is closed'))
    this.#client ??= this.#connect()
    return this.#client
  }

  /** Lets calls end first. */
  async close(): Promise<void> {
    await this.#calls.ended()
    await this.cut()
  }

  /** Ends the connection, whatever is under way. */
  async cut(): Promise<void> {
    this.#closed = true
    const client = await this.#client?.catch(() => undefined)
    this.#client = undefined
    await client?.end().catch(() => {})
  }

  async #connect(): Promise<Client> {
    try {
      const client = await connect(this.#settings, this.#mode, this.#pipeline)
      this.#current = client
      client.on('error', () => this.#drop(client))
      client.on('end', () => this.#drop(client))
      await this.#onConnect?.(client)
      return client
    } catch (error) {
      this.#client = undefined
      throw error
    }
  }

  #drop(client: Client): void {
    if (this.#current !== client) return
    this.#current = undefined
    this.#client = undefined
    client.end().catch(() => {})
    if (!this.#closed) this.#onLost?.()
  }
}

/** A connection with the settings that the adapter relies on. */
export async function connect(settings: Settings, mode: Mode, pipeline = false): Promise<Client> {
  const config = clientConfig(settings)
  // Drivers that are too old to know it wait for each answer.
  const client = new pg.Client(pipeline ? Object.assign(config, { pipeline }) : config)
  client.on('error', () => {})
  try {
    await client.connect()
    if (mode.prepares) await client.query(SESSION)
    return client
  } catch (error) {
    client.end().catch(() => {})
    throw error
  }
}

/** Asks the statement on a connection or a pool; again when other transactions were in the way. */
async function askOf(on: Queryable, statement: Statement, values: readonly Value[], mode: Mode): Promise<Row[]> {
  let { prepares } = mode
  for (let tries = 1; ; tries++) {
    try {
      const { text, name } = statement
      const config = { text, values: values as Value[], rowMode: 'array' as const, types: AS_TEXT }
      const { rows } = await on.query(prepares ? { ...config, name } : config)
      return rows
    } catch (error) {
      // A migration has changed what the statement answers with.
      const changed = codeOf(error) === '0A000' && prepares
      if (changed) prepares = false
      else if (!isConflict(error) || tries >= TRIES) throw failure(error)
      await sleep(systemClock, Math.random() * 10 * tries)
    }
  }
}

/** The role or the database may have other defaults. A lost connection must not hold locks. */
const SESSION = "set default_transaction_isolation = 'read committed'; set idle_in_transaction_session_timeout = '60s'"

function ownPool(settings: Settings, mode: Mode): Pool {
  const config: PoolConfig = { ...clientConfig(settings), max: settings.connections }
  return new pg.Pool(mode.prepares ? Object.assign(config, { verify: prepareSession }) : config)
}

/** Called for each new connection before it is used. Newer drivers have a better name for it. */
async function prepareSession(client: Client, done: (error?: unknown) => void): Promise<void> {
  try {
    await client.query(SESSION)
    done()
  } catch (error) {
    done(error)
  }
}

function clientConfig({ url, connection, pool, callTimeout }: Settings): ClientConfig {
  const shared: ClientConfig = { connectionTimeoutMillis: 5_000, keepAlive: true, query_timeout: callTimeout }
  if (pool === undefined) return { application_name: 'jobport', ...shared, ...connection, connectionString: url! }
  const options = pool.options as ClientConfig
  // The driver hides the password from those who copy the options.
  return { ...shared, ...options, ...(options.password === undefined ? {} : { password: options.password }) }
}
