import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { createDisplay, type Tallies, type Tally } from './display.ts'

function tallies(jobs: Partial<Tally>): Tallies {
  const none: Tally = { total: 0, finished: 0, dead: 0, later: 0 }
  return { jobs: { ...none, ...jobs }, deliveries: none }
}

function output(isTTY: boolean, columns = 80) {
  const written: string[] = []
  return { written, write: (text: string) => written.push(text) > 0, isTTY, columns }
}

it('redraws on a terminal, with notes above', () => {
  const out = output(true)
  const display = createDisplay(out)
  display.update(tallies({ total: 4, finished: 1 }))
  expect(out.written.join('')).toContain('1/4')
  out.written.length = 0
  display.note('look')
  expect(out.written[0]).toBe('\u001B[2A\u001B[0J')
  expect(out.written[1]).toBe('look\n')
  display.update(tallies({ total: 4, finished: 4, dead: 1 }))
  expect(out.written.at(-1)).toContain('1 dead')
})

it('never writes a line that would wrap', () => {
  for (const columns of [30, 50, 80, 200]) {
    const out = output(true, columns)
    const display = createDisplay(out)
    display.busy(`encoding ${'a'.repeat(300)}`)
    display.update(tallies({ total: 4_000, finished: 1_000, dead: 10, later: 3 }))
    const lines = stripVTControlCharacters(out.written.join('')).split('\n')
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(Math.max(columns, 40))
  }
})

it('writes a line now and then where there is no terminal, and the last state at the end', () => {
  const out = output(false)
  const display = createDisplay(out)
  for (let finished = 0; finished < 50; finished++) display.update(tallies({ total: 50, finished }))
  expect(out.written).toHaveLength(1)
  display.close()
  display.close()
  expect(out.written).toEqual(['  0 of 50 jobs, 0 of 0 deliveries\n', '  49 of 50 jobs, 0 of 0 deliveries\n'])
})
