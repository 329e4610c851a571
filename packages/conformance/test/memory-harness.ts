import { memoryBackend } from '@jobport/core'
import { VirtualClock } from '@jobport/core/testing'
import type { Harness } from '../src/index.ts'

type MemoryBackend = ReturnType<typeof memoryBackend>

/** The memory backend, in virtual time unless asked otherwise. */
export function memoryHarness(options: { readonly realTime?: true } = {}): Harness {
  const clock = new VirtualClock()
  const spaces = new Map<string, MemoryBackend>()
  const open = (namespace: string): MemoryBackend => {
    const known = spaces.get(namespace)
    if (known !== undefined) return known.peer()
    const created =
      options.realTime === true ? memoryBackend({ warn: () => {} }) : memoryBackend({ clock, warn: () => {} })
    spaces.set(namespace, created)
    return created
  }
  return {
    name: options.realTime === true ? 'memory in real time' : 'memory',
    open,
    cleanup: async (namespace) => void spaces.delete(namespace),
    ...(options.realTime === true ? { matrix: false as const, unit: 100 } : { clock }),
    durable: true,
    async transaction(backend, body) {
      const tx = (backend as MemoryBackend).transaction()
      try {
        await body(tx)
        await tx.commit()
      } catch (error) {
        await tx.rollback()
        throw error
      }
    },
  }
}
