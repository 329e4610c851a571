import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { memoryBackend } from '@jobport/core'
import type { Mover, Ms, Stateful } from '@jobport/core/adapter'
import { VirtualClock } from '@jobport/core/testing'
import fc from 'fast-check'
import type { Harness } from '../harness.ts'
import type { TestRunner } from '../suite/test-backend.ts'
import { anInstance } from '../suite/run-cases.ts'
import { commands, type Command, type Span } from './command.ts'
import { Play } from './play.ts'

export interface ModelOptions {
  /** Command sequences. Default 200 in virtual time, 20 in real time. */
  readonly runs?: number
  /** Default 1: all backends get the same sequences. */
  readonly seed?: number
  /** `false`: fail with the sequence that was found, not with the shortest. Default: as in virtual time. */
  readonly shrink?: boolean
  /** What the backend is compared with, built on a clock. Default: the memory backend. */
  readonly oracle?: (clock: VirtualClock) => Mover & Stateful
}

/**
 * Registers a test that tells the backend and an oracle the same random commands, a third of the settlements with old tokens, and compares every
 * answer and every record as far as the contract determines them.
 */
export function modelTest(harness: Harness, { it }: Pick<TestRunner, 'it'>, options: ModelOptions = {}): void {
  it(`${harness.name} agrees with the model`, () => checkModel(harness, options), 600_000)
}

/** The same without a test runner. Rejects with the shortest sequence that shows a difference. */
export async function checkModel(harness: Harness, options: ModelOptions = {}): Promise<void> {
  const { features, limits } = await anInstance(harness)
  assert.ok(features.state, 'the model needs the feature state')
  const virtual = harness.clock !== undefined
  const { runs = virtual ? 200 : 20, seed = 1, oracle = (clock) => memoryBackend({ clock, warn: () => {} }) } = options
  const shrink = options.shrink ?? virtual
  const short = Math.max(virtual ? 1_000 : 3 * (harness.unit ?? 100), 3 * limits.tick)
  const property = fc.asyncProperty(commands(virtual ? 6 : 1), (sequence) =>
    playThrough(sequence, harness, short, oracle),
  )
  await fc.assert(property, { numRuns: runs, seed, endOnFailure: !shrink })
}

async function playThrough(
  sequence: readonly Command[],
  harness: Harness,
  short: Ms,
  oracleOn: (clock: VirtualClock) => Mover & Stateful,
): Promise<void> {
  const namespace = `m_${randomBytes(6).toString('hex')}`
  const clock = new VirtualClock()
  const [subject, oracle] = [await harness.open(namespace), oracleOn(clock)] as (Mover & Stateful)[]
  const spans: Readonly<Record<Span, Ms>> = { none: 0, short, long: Math.min(3_600_000, subject!.limits.lease) }
  const step = 1.5 * short
  let since = performance.now()
  const advance = async (): Promise<void> => {
    await Promise.all([clock.advance(step), harness.clock?.advance(step) ?? delay(step)])
    since = performance.now()
  }
  try {
    await subject!.open()
    await oracle!.open()
    const play = new Play({ subject: subject!, oracle: oracle!, spans, advance })
    await play.begin()
    for (const command of sequence) {
      const differs = await play.step(command).then(
        () => undefined,
        (difference: unknown) => ({ difference }),
      )
      // Real time went on by itself, so far that a short span may be over here and not there: this run says nothing.
      if (harness.clock === undefined) fc.pre(performance.now() - since < short / 2 || command.do === 'advance')
      if (differs !== undefined) throw differs.difference
    }
    for (let look = 0; look < 20 && !play.newsAgree; look++) await advance()
    assert.ok(play.newsAgree, `watchers were told differently: ${play.news}`)
  } finally {
    await subject!.close()
    await oracle!.close()
    await harness.cleanup(namespace)
  }
}
