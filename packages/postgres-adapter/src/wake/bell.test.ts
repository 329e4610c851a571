import { expect, it } from 'vitest'
import type { Line, OwnLine } from '../connection/session.ts'
import { statementsFor } from '../connection/statements.ts'
import { Bell } from './bell.ts'

it('does not hear what it listened for on a connection that ended with the answer', async () => {
  let answer: (() => void) | undefined
  const own = {
    use: () => Promise.resolve(),
    ask: () => new Promise<[]>((resolve) => (answer = () => resolve([]))),
  } as unknown as OwnLine
  const bell = new Bell(undefined as unknown as Line, own, statementsFor('test'), { prepares: true })
  const listen = async (end: () => void): Promise<boolean> => {
    const listening = bell.listen('channel')
    await new Promise((resolve) => setImmediate(resolve))
    answer!()
    end()
    await listening
    return bell.hears('channel')
  }
  expect(await listen(() => bell.deafen())).toBe(false)
  expect(bell.channels).toEqual(['channel'])
  expect(await listen(() => {})).toBe(true)
})
