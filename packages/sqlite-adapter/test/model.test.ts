import { modelTest } from '@jobport/conformance'
import { VirtualClock } from '@jobport/core/testing'
import type { DatabaseSync } from 'node:sqlite'
import { it } from 'vitest'
import { virtualSqlite } from './virtual.ts'

const clock = new VirtualClock()
const databases = new Map<string, DatabaseSync>()

modelTest(
  {
    name: 'sqlite',
    clock,
    open(namespace) {
      const { backend, database } = virtualSqlite(clock)
      databases.set(namespace, database)
      return backend
    },
    async cleanup(namespace) {
      databases.get(namespace)?.close()
      databases.delete(namespace)
    },
  },
  { it },
  { runs: Number(process.env['JOBPORT_MODEL_RUNS'] ?? 200), seed: Number(process.env['JOBPORT_MODEL_SEED'] ?? 1) },
)
