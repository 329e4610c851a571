import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { Ms } from '@jobport/core/adapter'
import type { Harness } from '../harness.ts'

/** The backend's time, virtual or real. */
export interface Time {
  readonly virtual: boolean
  /** What cases build short durations from: longer than any hiccup of a busy machine, and than the backend's tick. */
  readonly unit: Ms
  now(): Ms
  /** Lets time go on. Only for what must *not* happen meanwhile, or happens unseen. */
  pass(by: Ms): Promise<void>
  /** The answer of `promise`, while time goes on. Fails when it takes longer than `atMost` (default 20 units, at least 10 s). */
  until<T>(promise: Promise<T>, what: string, atMost?: Ms): Promise<T>
  /** Asks again and again, while time goes on, until the answer is true. */
  eventually(question: () => boolean | Promise<boolean>, what: string, atMost?: Ms): Promise<void>
}

/** However short a real deadline is, a busy machine gets so long. */
const HICCUP = 5_000

/** How fine virtual time runs while something is awaited. */
const STEPS = 20

export function timeOf(harness: Harness, tick: Ms): Time {
  const { clock } = harness
  const virtual = clock !== undefined
  const unit = Math.max(virtual ? 1_000 : (harness.unit ?? 100), 2 * tick)
  const patience = virtual ? 20 * unit : Math.max(10_000, 20 * unit)
  const step = virtual ? unit / STEPS : Math.min(10, unit / STEPS)
  const now = (): Ms => clock?.now() ?? performance.now()
  const pass = (by: Ms): Promise<void> => clock?.advance(by) ?? delay(by)

  async function eventually(
    question: () => boolean | Promise<boolean>,
    what: string,
    atMost = patience,
  ): Promise<void> {
    const start = now()
    while (!(await question())) {
      assert.ok(now() - start <= atMost, `${what}: not within ${atMost} ms`)
      await pass(step)
    }
  }

  async function until<T>(promise: Promise<T>, what: string, atMost = patience): Promise<T> {
    let settled = false
    const mark = (): void => void (settled = true)
    promise.then(mark, mark)
    if (virtual) {
      await breathe(() => settled)
      await eventually(() => settled, what, atMost)
      return promise
    }
    const timeout = new AbortController()
    const late = delay(Math.max(atMost, HICCUP), undefined, { signal: timeout.signal }).then(() =>
      assert.fail(`${what}: not within ${atMost} ms`),
    )
    try {
      return await Promise.race([promise, late])
    } finally {
      timeout.abort()
      late.catch(() => {})
    }
  }

  return { virtual, unit, now, pass, until, eventually }
}

/** Gives work that needs no time to pass a chance to end first. */
async function breathe(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10 && !done(); turn++) await new Promise((resolve) => setImmediate(resolve))
}
