import { testBackend, whatTheStoreDecides } from '@jobport/conformance'
import { sqliteStore } from '@jobport/sqlite-adapter'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, it } from 'vitest'
import { storedHarness } from '../stored-harness.ts'

const folder = mkdtempSync(join(tmpdir(), 'jobport-sqs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const fileOf = (namespace: string): string => join(folder, `${namespace}.db`)

const harness = storedHarness({
  name: 'sqs with sqlite',
  store: (namespace) => sqliteStore({ file: fileOf(namespace), warn: () => {} }),
  remove(namespace) {
    for (const end of ['', '-wal', '-shm']) rmSync(`${fileOf(namespace)}${end}`, { force: true })
  },
})

await testBackend(whatTheStoreDecides(harness), { describe, it })
