import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { delayKey, LEVELS, levelPattern, LONGEST_DELAY, TICK, ticksOf, topLevel } from './delay.ts'

/** Whether a topic exchange leads a key to where the pattern is bound. A trailing `#` stands for the rest. */
function matches(pattern: string, key: string): boolean {
  const [words, given] = [pattern.split('.'), key.split('.')]
  return words.every((word, index) => word === '#' || word === '*' || word === given[index])
}

/** How long a message is under way, as the exchanges and queues of the levels lead it. */
function wayOf(ticks: number): number {
  const key = delayKey(ticks, 'a.b')
  let waited = 0
  for (let level = topLevel(ticks); level >= 0; level--) {
    const isKept = matches(levelPattern(level, 1), key)
    expect(matches(levelPattern(level, 0), key)).toBe(!isKept)
    if (isKept) waited += 2 ** level
  }
  return waited
}

describe('delays', () => {
  it.each([
    [1, 1],
    [100, 1],
    [101, 2],
    [25_500, 255],
    [25_600, 256],
    [25_700, 258],
    [LONGEST_DELAY, 864_256],
  ])('%d ms are %d ticks', (delay, ticks) => {
    expect(ticksOf(delay)).toBe(ticks)
  })

  it('never shorter, less than 1 % or a tick longer, through eight queues at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: LONGEST_DELAY }), (delay) => {
        const ticks = ticksOf(delay)
        const waited = wayOf(ticks) * TICK
        expect(waited).toBeGreaterThanOrEqual(delay)
        expect(waited).toBeLessThan(delay * 1.01 + TICK)
        expect(topLevel(ticks)).toBeLessThan(LEVELS)
        expect(ticks.toString(2).replaceAll('0', '').length).toBeLessThanOrEqual(8)
      }),
    )
  })
})
