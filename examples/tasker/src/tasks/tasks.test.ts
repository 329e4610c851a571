import { describe, expect, it } from 'vitest'
import { mult3 } from './mult3.ts'
import { SONGS } from './songs.ts'
import { sum2 } from './sum2.ts'
import { surprise } from './surprise.ts'
import { TaskError } from './task.ts'

it('sum2 adds, and mult3 multiplies', () => {
  expect(sum2.compute({ first: 1, second: 2 })).toBe(3)
  expect(mult3.compute({ first: 1, second: 2, third: -1 })).toBe(-2)
})

it('has no answer that JSON cannot hold', () => {
  expect(() => sum2.compute({ first: 1e308, second: 1e308 })).toThrow(TaskError)
  expect(() => mult3.compute({ first: 1e200, second: -1e200, third: 1 })).toThrow('larger than a number can be')
})

it.each([
  [sum2, { first: 1 }],
  [sum2, { first: 1, second: '2' }],
  [sum2, { first: 1, second: Infinity }],
  [sum2, { first: 1, second: 2, third: 3 }],
  [mult3, { first: 1, second: 2 }],
  [surprise, { first: 1.5 }],
  [surprise, {}],
])('$name refuses %j', ({ params }, given) => {
  expect(params.safeParse(given).success).toBe(false)
})

/** As a musician writes it down: C is do. */
function notesOf(melody: string): string {
  return Array.from(melody, (bar) => (bar === ' ' ? ' ' : 'CDEFGABc'['▁▂▃▄▅▆▇█'.indexOf(bar)])).join('')
}

describe('surprise', () => {
  it.each([
    [1, 'Twinkle, Twinkle, Little Star', 'CCGGAAG FFEEDDC GGFFEED GGFFEED CCGGAAG FFEEDDC'],
    [2, 'Ode to Joy', 'EEFGGFEDCCDEEDD EEFGGFEDCCDEDCC'],
    [3, 'Row, Row, Row Your Boat', 'CCCDE EDEFG cccGGGEEECCC GFEDC'],
    [4, 'Mary Had a Little Lamb', 'EDCDEEE DDD EGG EDCDEEE EDDEDC'],
    [5, 'London Bridge Is Falling Down', 'GAGFEFG DEF EFG GAGFEFG DGEC'],
  ])('%i hides %s', (first, _, notes) => {
    expect(notesOf(surprise.compute({ first }).melody)).toBe(notes)
  })

  it('is the same each time, and begins again after the last song, in both directions', () => {
    expect(surprise.compute({ first: 1 })).toEqual(surprise.compute({ first: 1 }))
    expect(surprise.compute({ first: 1 + SONGS.length })).toEqual(surprise.compute({ first: 1 }))
    expect(surprise.compute({ first: 0 })).toEqual(surprise.compute({ first: SONGS.length }))
  })
})
