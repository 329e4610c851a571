import { chapters } from '../chapters.ts'
import type { Harness } from '../harness.ts'
import { recorder } from '../matrix/recorder.ts'
import { anInstance, runCase } from './run-cases.ts'
import { skipReason } from './skip-reason.ts'

/** What the suite needs of a test runner: `vitest`, `node:test` and `bun:test` have it. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown
  readonly it: {
    (name: string, body: () => Promise<void>, timeout?: number): unknown
    skip(name: string, body: () => Promise<void>): unknown
  }
}

/** No case takes so long; each one limits what it waits for by itself. */
const TIMEOUT = 120_000

/**
 * Registers every case of the suite for a backend. Await it at the top of a test file. Where the environment variable
 * `JOBPORT_CONFORMANCE` names a folder, the results are left there for `readResults`.
 */
export async function testBackend(harness: Harness, { describe, it }: TestRunner): Promise<void> {
  const backend = await anInstance(harness)
  const record = recorder(harness, backend)
  describe(`conformance of ${harness.name}`, () => {
    for (const { id, title, cases } of chapters) {
      describe(`${id} ${title}`, () => {
        for (const each of cases) {
          const reason = skipReason(each, harness, backend)
          if (reason !== undefined) {
            record(each, 'skipped', reason)
            it.skip(`${each.id} ${each.title} (skipped: ${reason})`, async () => {})
            continue
          }
          it(
            `${each.id} ${each.title}`,
            async () => {
              try {
                await runCase(each, harness)
              } catch (error) {
                record(each, 'failed')
                throw error
              }
              record(each, 'passed')
            },
            TIMEOUT,
          )
        }
      })
    }
  })
}
