import { memoryStore, type MemoryStore } from '@jobport/core'
import { VirtualClock } from '@jobport/core/testing'
import { describe, it } from 'vitest'
import { testStore } from '../src/index.ts'

const clock = new VirtualClock()
const spaces = new Map<string, MemoryStore>()

testStore(
  {
    name: 'memory',
    clock,
    open(namespace) {
      const known = spaces.get(namespace)
      if (known !== undefined) return known.peer()
      const created = memoryStore({ clock, warn: () => {} })
      spaces.set(namespace, created)
      return created
    },
    cleanup: async (namespace) => void spaces.delete(namespace),
  },
  { describe, it },
)
