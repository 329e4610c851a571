/** In the order of lua/base.lua. Those that an enqueue needs come first. */
const NAMES = [
  'jobs',
  'ready',
  'front',
  'later',
  'groups',
  'unique',
  'windows',
  'meta',
  'waiters',
  'state',
  'claims',
  'leases',
  'single',
  'parked',
  'ghosts',
  'completed',
  'dead',
  'cancelled',
  'tombs',
  'notes',
  'events',
  'watched',
  'outbox',
  'fresh',
] as const

/** What a store has besides, in the order of lua/store/lining.lua. */
const OF_STORE = ['unsent', 'sendings', 'held'] as const

const FOR_ENQUEUE = NAMES.indexOf('waiters') + 1

/** The keys of one queue. They share a hash tag, so that a cluster keeps them on one node. */
export interface QueueKeys {
  readonly queue: string
  readonly all: readonly string[]
  /** Those that storing new jobs needs. */
  readonly storing: readonly string[]
  /** Those that storing jobs with nothing but a name and a payload needs. */
  readonly storingPlain: readonly string[]
  /** Those that storing one such job needs, unless somebody waits for it. */
  readonly storingOne: readonly string[]
  readonly watched: string
  readonly events: string
  readonly outbox: string
}

/** The names of all keys and channels of one namespace. */
export class Keys {
  readonly namespace: string
  /** The set of the names of all queues. */
  readonly queues: string
  /** Is there while somebody watches. It looks like a key of a queue without a name, so that the rights to those suffice. */
  readonly watching: string
  /** What channels that tell of finished jobs look like. */
  readonly eventsPattern: string
  readonly #names: readonly string[]
  readonly #known = new Map<string, QueueKeys>()

  /** `stored`: they are of a store. */
  constructor(namespace: string, stored = false) {
    this.namespace = namespace
    this.#names = stored ? [...NAMES, ...OF_STORE] : NAMES
    this.queues = `${namespace}:queues`
    this.watching = `{${namespace}:}:watched`
    this.eventsPattern = `{${namespace}:*}:events`
  }

  of(queue: string): QueueKeys {
    let keys = this.#known.get(queue)
    if (keys === undefined) {
      const all = this.#names.map((name) => `{${this.namespace}:${queue}}:${name}`)
      const at = (name: (typeof NAMES)[number]): string => all[NAMES.indexOf(name)]!
      keys = {
        queue,
        all,
        storing: this.#names === NAMES ? all.slice(0, FOR_ENQUEUE) : all,
        storingPlain: [at('jobs'), at('ready'), at('waiters')],
        storingOne: [at('jobs'), at('ready')],
        watched: at('watched'),
        events: at('events'),
        outbox: at('outbox'),
      }
      this.#known.set(queue, keys)
    }
    return keys
  }

  /** The queue that a key or channel belongs to. */
  queueOf(key: string): string {
    return key.slice(this.namespace.length + 2, key.lastIndexOf('}'))
  }

  /** On which an instance is told that there is work. */
  wakeChannel(instance: string): string {
    return `${this.namespace}:wake:${instance}`
  }
}
