import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sampleMessage } from '../../test/message.ts'
import { fileChannel, type Channel, type FileChannelOptions, type FileLine, type Message } from '../index.ts'

const context = { signal: new AbortController().signal, attempt: 1 }

function message(id: string): Message {
  const words = { subject: 's', text: 'two\nlines' }
  return { ...sampleMessage({ id, event: 'completed', severity: 'info', result: { path: 'ä\n' } }), ...words }
}

async function stage(options: Partial<FileChannelOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'jobport-notifier-'))
  const file = join(folder, 'outbox', 'users.jsonl')
  const open = (): Channel => {
    const channel = fileChannel({ file, ...options })
    onTestFinished(() => channel.close!())
    return channel
  }
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const ids = async (): Promise<string[]> =>
    (await readFile(file, 'utf8'))
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => (JSON.parse(line) as FileLine).id)
  return { file, open, ids }
}

describe('the file channel', () => {
  it('appends one line of JSON for each message', async () => {
    const { file, open } = await stage()
    await open().deliver(message('a'), context)
    const text = await readFile(file, 'utf8')
    expect(text.split('\n')).toHaveLength(2)
    expect(JSON.parse(text)).toMatchObject({
      id: 'a',
      at: expect.stringMatching(/^\d{4}-/),
      to: { user: 'ada' },
      event: 'completed',
      subject: 's',
      text: 'two\nlines',
      job: { id: 'j1', name: 'video.encode' },
      result: { path: 'ä\n' },
    })
  })

  it('keeps the order of messages that arrive together', async () => {
    const { open, ids } = await stage()
    const channel = open()
    const all = Array.from({ length: 50 }, (_, index) => `m${index}`)
    await Promise.all(all.map(async (id) => channel.deliver(message(id), context)))
    expect(await ids()).toEqual(all)
  })

  it('writes a repeat once, also in one go and after a restart', async () => {
    const { open, ids } = await stage()
    const first = open()
    await Promise.all(['a', 'a'].map(async (id) => first.deliver(message(id), context)))
    await first.deliver(message('a'), context)
    await first.close!()
    const second = open()
    await second.deliver(message('a'), context)
    await second.deliver(message('b'), context)
    expect(await ids()).toEqual(['a', 'b'])
  })

  it('remembers no more ids than asked', async () => {
    const { open, ids } = await stage({ remember: 1 })
    const channel = open()
    for (const id of ['a', 'b', 'b', 'a']) await channel.deliver(message(id), context)
    expect(await ids()).toEqual(['a', 'b', 'a'])
  })

  it('begins a new line after one that was cut short, and delivers that message again', async () => {
    const { file, open, ids } = await stage()
    const first = open()
    await first.deliver(message('a'), context)
    await first.close!()
    await appendFile(file, '{"id":"b","at"')
    const second = open()
    await second.deliver(message('b'), context)
    expect(await ids()).toEqual(['a', 'b'])
  })

  it('rejects when the file cannot be written, and works again when it can', async () => {
    const { file, open, ids } = await stage()
    const folder = join(file, '..')
    await writeFile(folder, 'in the way')
    const channel = open()
    await expect(channel.deliver(message('a'), context)).rejects.toThrow('EEXIST')
    await rm(folder)
    await channel.deliver(message('a'), context)
    expect(await ids()).toEqual(['a'])
  })

  it('opens again after close', async () => {
    const { open, ids } = await stage()
    const channel = open()
    await channel.deliver(message('a'), context)
    await channel.close!()
    await channel.close!()
    await channel.deliver(message('b'), context)
    expect(await ids()).toEqual(['a', 'b'])
  })

  it.each([
    ['no file', {}, 'file: is missing'],
    ['a misspelt option', { file: 'a', fsinc: false }, 'did you mean "fsync"?'],
    ['a number that is none', { file: 'a', remember: Number.NaN }, 'remember: NaN'],
  ])('refuses %s', (_, options, problem) => {
    expect(() => fileChannel(options as FileChannelOptions)).toThrow(problem)
  })
})
