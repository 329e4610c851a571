import type { TestRunner } from '../suite/test-backend.ts'
import { beginning } from './beginning.ts'
import { sending } from './sending.ts'
import type { StoreCase } from './store-case.ts'
import type { StoreHarness } from './store-harness.ts'
import { setStoreStage } from './store-stage.ts'

/** No case takes so long. */
const TIMEOUT = 60_000

/** What every store promises to `withStore`. That its records are as of any backend is tried by `testBackend`. */
export const storeCases: readonly StoreCase[] = [...beginning, ...sending]

/** Registers every case for a store. */
export function testStore(harness: StoreHarness, { describe, it }: TestRunner): void {
  describe(`the store ${harness.name}`, () => {
    for (const each of storeCases) it(each.title, () => runStoreCase(each, harness), TIMEOUT)
  })
}

/** Runs one case in a namespace of its own, and rejects when it fails. */
export async function runStoreCase(each: StoreCase, harness: StoreHarness): Promise<void> {
  const { stage, strike } = await setStoreStage(harness)
  try {
    await each.run(stage)
  } finally {
    await strike()
  }
}
