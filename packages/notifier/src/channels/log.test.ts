import { expect, it, vi } from 'vitest'
import { sampleMessage } from '../../test/message.ts'
import { logChannel, type Logger, type Message } from '../index.ts'

const context = { signal: new AbortController().signal, attempt: 1 }

function message(event: 'completed' | 'dead'): Message {
  const severity = event === 'dead' ? 'error' : 'info'
  return { ...sampleMessage({ event, severity }), subject: 'n is over', text: 'two\nlines' }
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
    notification: 'j1:dead:abc',
    event: 'dead',
    severity: 'error',
    to: { user: 'ada' },
    job: { id: 'j1', name: 'video.encode', queue: 'videos', attempt: 2 },
    text: 'two\nlines',
    error: { name: 'TypeError', message: 'no stream' },
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
