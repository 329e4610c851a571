import type { Backend } from '@jobport/core/adapter'
import { chapters } from '../chapters.ts'
import type { Harness } from '../harness.ts'
import { setStage } from '../stage/set-stage.ts'
import type { Case } from './case.ts'
import { skipReason } from './skip-reason.ts'

export interface CaseResult {
  readonly id: string
  readonly title: string
  readonly status: 'passed' | 'failed' | 'skipped'
  /** Why it was skipped. */
  readonly reason?: string
  /** What it failed with. */
  readonly error?: unknown
}

/** Runs one case in a namespace of its own, and rejects when it fails. */
export async function runCase(each: Case, harness: Harness): Promise<void> {
  const { stage, strike } = await setStage(harness)
  try {
    await each.run(stage)
  } catch (error) {
    const trouble: unknown = await strike().catch((reason: unknown) => reason)
    // What a worker reported meanwhile explains more than what the case waited for in vain.
    if (error instanceof Error && error.cause === undefined && trouble !== undefined) error.cause = trouble
    throw error
  }
  await strike()
}

/** Runs cases one after the other without a test runner: all of them, or those that `only` picks. */
export async function runCases(
  harness: Harness,
  only: (each: Case) => boolean = () => true,
): Promise<readonly CaseResult[]> {
  const backend = await anInstance(harness)
  const results: CaseResult[] = []
  for (const each of chapters.flatMap(({ cases }) => cases).filter(only)) {
    const { id, title } = each
    const reason = skipReason(each, harness, backend)
    if (reason !== undefined) {
      results.push({ id, title, status: 'skipped', reason })
      continue
    }
    results.push(
      await runCase(each, harness).then(
        (): CaseResult => ({ id, title, status: 'passed' }),
        (error: unknown): CaseResult => ({ id, title, status: 'failed', error }),
      ),
    )
  }
  return results
}

/** An instance that is never opened, to read features and limits from. */
export async function anInstance(harness: Harness): Promise<Backend> {
  return harness.open('t_features')
}
