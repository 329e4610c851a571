import { expect, it, vi } from 'vitest'
import { logChannel, type Logger, type Message } from '../index.ts'

const context = { signal: new AbortController().signal, attempt: 1 }

function message(event: 'completed' | 'dead'): Message {
  const to = { user: 'ada' }
  const job = {
    id: 'j',
    queue: 'q',
    name: 'n',
    attempt: 2,
    failures: 1,
    crashes: 0,
    headers: { secret: 's3' },
    enqueuedAt: 0,
  }
  const error = { name: 'TypeError', message: 'no', stack: 'at …' }
  const notification = { id: 'i', to, event, job, ...(event === 'dead' && { error }) }
  return { id: 'i', to, event, subject: 'n is over', text: 'two\nlines', notification }
}

it('writes a line of JSON without headers and stack', async () => {
  const lines: string[] = []
  const channel = logChannel({ stream: { write: (line) => lines.push(line) } })
  await channel.deliver(message('dead'), context)
  expect(lines).toHaveLength(1)
  expect(lines[0]!.indexOf('\n')).toBe(lines[0]!.length - 1)
  expect(JSON.parse(lines[0]!)).toEqual({
    level: 'warn',
    time: expect.any(String),
    message: 'n is over',
    notification: 'i',
    event: 'dead',
    to: { user: 'ada' },
    job: { id: 'j', name: 'n', queue: 'q', attempt: 2 },
    text: 'two\nlines',
    error: { name: 'TypeError', message: 'no' },
  })
})

it('hands facts to a logger, at a level that fits', async () => {
  const logger = { info: vi.fn<Logger['info']>(), warn: vi.fn<Logger['warn']>() }
  const channel = logChannel({ logger })
  await channel.deliver(message('completed'), context)
  await channel.deliver(message('dead'), context)
  expect(logger.info).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ event: 'completed' }), 'n is over')
  expect(logger.warn).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ event: 'dead' }), 'n is over')
})

it('refuses an option that it does not know', () => {
  expect(() => logChannel({ streem: process.stdout } as object)).toThrow('did you mean "stream"?')
})
