import type { Input } from '../input.ts'
import type { CreateSystem } from '../system.ts'

/** No queue at all: JSON text in an array and a map, and one asynchronous call of the handler for each. */
export const create: CreateSystem = () => {
  const stored = new Map<number, string>()
  let line: number[] = []
  let next = 0
  let ids = 0

  const add = (input: Input): void => {
    stored.set(ids, JSON.stringify(input))
    line.push(ids++)
  }

  return {
    configuration: 'JSON text in a Map and an array; no ids, leases, retries or state',
    versions: {},
    prepare: async () => {},
    enqueueOne: async (input) => add(input),
    enqueueMany: async (inputs) => inputs.forEach(add),
    async work(concurrency, handle) {
      const hand = async (): Promise<void> => {
        while (next < line.length) {
          const id = line[next++]!
          await handle(JSON.parse(stored.get(id)!) as Input)
          stored.delete(id)
        }
      }
      const done = Promise.all(Array.from({ length: concurrency }, hand))
      return {
        async settled() {
          await done
          line = []
          next = 0
        },
        stop: async () => {},
      }
    },
    unfinished: async () => stored.size,
    close: async () => {},
  }
}
