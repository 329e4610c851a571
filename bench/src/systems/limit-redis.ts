import { Redis } from 'ioredis'
import type { Input } from '../input.ts'
import { redisUrl } from '../servers/redis.ts'
import type { CreateSystem } from '../system.ts'
import { versionsOf } from '../versions.ts'

const LINE = 'limit:line'
const BLOBS = 'limit:blobs'
/** Jobs that a call takes. */
const BATCH = 200
/** Calls that are on their way at once, so that neither side waits for the other. */
const CALLS = 2

/** Acknowledges the given ids, then takes the next ones. */
const TAKE = `
if #ARGV > 1 then redis.call('hdel', KEYS[2], unpack(ARGV, 2)) end
local ids = redis.call('lpop', KEYS[1], ARGV[1])
if not ids then return {} end
return { ids, redis.call('hmget', KEYS[2], unpack(ids)) }`

type Take = (line: string, blobs: string, batch: number, ...done: string[]) => Promise<[string[], string[]] | []>

/** No queue: a list of ids and a hash of JSON text, as few commands as can be, as many jobs in each as can be. */
export const create: CreateSystem = () => {
  const client = new Redis(redisUrl())
  client.defineCommand('take', { numberOfKeys: 2, lua: TAKE })
  const take = (client as unknown as { readonly take: Take }).take.bind(client)
  let ids = 0
  let waiting: Input[] = []
  let flushed = Promise.withResolvers<void>()

  const store = (inputs: readonly Input[]): Promise<unknown> => {
    const entries = inputs.map((input) => [String(ids++), JSON.stringify(input)] as const)
    const line = client.rpush(LINE, ...entries.map(([id]) => id))
    return Promise.all([client.hset(BLOBS, ...entries.flat()), line])
  }
  const flush = (): void => {
    const batch = waiting
    const { resolve, reject } = flushed
    waiting = []
    flushed = Promise.withResolvers()
    store(batch).then(() => resolve(), reject)
  }

  return {
    configuration: `a list of ids and a hash of JSON text, ${BATCH} jobs a call, ${CALLS} calls at once; no leases, retries or state`,
    versions: versionsOf('ioredis'),
    async prepare() {
      await client.ping()
    },
    enqueueOne(input) {
      if (waiting.push(input) === 1) process.nextTick(flush)
      return flushed.promise
    },
    async enqueueMany(inputs) {
      await store(inputs)
    },
    async work(concurrency, handle) {
      const work = async (): Promise<void> => {
        let done: string[] = []
        for (;;) {
          const [taken = [], blobs = []] = await take(LINE, BLOBS, BATCH, ...done)
          if (taken.length === 0) return
          const inputs = JSON.parse(`[${blobs.join()}]`) as Input[]
          for (let from = 0; from < inputs.length; from += concurrency) {
            await Promise.all(inputs.slice(from, from + concurrency).map(handle))
          }
          done = taken
        }
      }
      const all = Promise.all(Array.from({ length: CALLS }, work))
      return {
        async settled() {
          await all
        },
        stop: async () => {},
      }
    },
    unfinished: () => client.hlen(BLOBS),
    close: async () => client.disconnect(),
  }
}
