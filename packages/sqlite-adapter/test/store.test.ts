import { testBackend, testStore } from '@jobport/conformance'
import { withStore } from '@jobport/core'
import { memoryBroker, type MemoryBroker } from '@jobport/core/testing'
import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { sqliteBackend, sqliteStore } from '../src/index.ts'
import { temporaryFolder } from './folder.ts'
import { rowsOf } from './harness.ts'

const { path, remove } = temporaryFolder()
const brokers = new Map<string, MemoryBroker>()

afterAll(remove)

function fileOf(namespace: string): string {
  return path(`${namespace}.db`)
}

async function cleanup(namespace: string): Promise<void> {
  for (const end of ['', '-wal', '-shm']) rmSync(`${fileOf(namespace)}${end}`, { force: true })
}

// Side by side, for they wait most of the time.
testStore(
  {
    name: 'sqlite',
    open: (namespace) => sqliteStore({ file: fileOf(namespace), warn: () => {} }),
    cleanup,
    async footprint(namespace) {
      const database = new DatabaseSync(fileOf(namespace), { readOnly: true })
      const rows = rowsOf(database)
      database.close()
      return rows
    },
  },
  { describe, it: it.concurrent },
)

await testBackend(
  {
    name: 'memory broker with a SQLite store',
    matrix: false,
    durable: true,
    unit: 200,
    open(namespace) {
      const broker = brokers.get(namespace)?.peer() ?? memoryBroker({ limits: { delay: 300, retryDelay: 300 } })
      brokers.set(namespace, broker)
      return withStore(broker, sqliteStore({ file: fileOf(namespace), warn: () => {} }), { relayEvery: 100 })
    },
    cleanup(namespace) {
      brokers.delete(namespace)
      return cleanup(namespace)
    },
  },
  { describe, it },
)

describe('a file of a store', () => {
  it('and one of a backend refuse each other', async () => {
    for (const [first, second] of [
      [sqliteStore, sqliteBackend],
      [sqliteBackend, sqliteStore],
    ] as const) {
      const file = path(`${first.name}.db`)
      const owner = first({ file })
      await owner.open()
      await owner.close()
      await expect(second({ file }).open()).rejects.toMatchObject({ code: 'unsupported' })
    }
  })
})
