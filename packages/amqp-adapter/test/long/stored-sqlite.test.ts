import { chapters, testBackend } from '@jobport/conformance'
import { sqliteStore } from '@jobport/sqlite-adapter'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, it } from 'vitest'
import { storedHarness } from '../stored-harness.ts'

/** Those in which most depends on the store. */
const CHAPTERS: ReadonlySet<string> = new Set(['A3', 'A4', 'A5', 'A6', 'A11', 'A13', 'A16'])

const folder = mkdtempSync(join(tmpdir(), 'jobport-amqp-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const fileOf = (namespace: string): string => join(folder, `${namespace}.db`)
const left = chapters.filter(({ id }) => !CHAPTERS.has(id)).flatMap(({ cases }) => cases)

const harness = storedHarness(
  {
    name: 'amqp with sqlite',
    store: (namespace) => sqliteStore({ file: fileOf(namespace), warn: () => {} }),
    remove(namespace) {
      for (const end of ['', '-wal', '-shm']) rmSync(`${fileOf(namespace)}${end}`, { force: true })
    },
  },
  {
    matrix: false,
    skip: Object.fromEntries(left.map(({ id }) => [id, 'tried with Postgres, and does not depend on the store'])),
  },
)

await testBackend(harness, { describe, it })
