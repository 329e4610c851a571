import type { NewJob } from '@jobport/core/adapter'
import { expect, it } from 'vitest'
import type { Line, Row } from './connection/session.ts'
import { statementsFor } from './connection/statements.ts'
import { Names } from './names.ts'

function job(name: string): NewJob {
  return { id: name, queue: 'work', name, payload: '1', headers: {} }
}

/** A server that numbers names from 1 on, and answers when it is told to. */
class SlowServer implements Line {
  asked = 0
  readonly #waiting: (() => void)[] = []

  async ask(): Promise<Row[]> {
    const number = ++this.asked
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return [[`{${number}}`]]
  }

  answer(): void {
    this.#waiting.shift()!()
  }
}

it('a number that is known outlasts a connection that is lost while others are asked for, and is asked for again after it', async () => {
  const server = new SlowServer()
  const names = new Names(server, statementsFor('test'))
  const [one, two] = [job('one'), job('two')]
  const first = names.learn([one])
  server.answer()
  await first
  const second = names.learn([one, two])
  names.forget()
  server.answer()
  await second
  expect([names.kind(one), names.kind(two)]).toEqual([1, 2])

  const again = names.learn([one])
  expect(server.asked).toBe(3)
  server.answer()
  await again
  expect(names.kind(one)).toBe(3)
  expect(names.learn([one])).toBeUndefined()
})
