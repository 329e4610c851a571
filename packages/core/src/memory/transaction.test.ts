import { describe, expect, it } from 'vitest'
import type { NewJob } from '../contract/job.ts'
import { VirtualClock } from '../time/virtual-clock.ts'
import { memoryBackend } from './memory-backend.ts'

const never = new AbortController().signal

async function opened() {
  const clock = new VirtualClock()
  const backend = memoryBackend({ clock })
  await backend.open()
  const claim = async () => {
    const [claimed] = await backend.claim({ queue: 'q', limit: 1, lease: 100, wait: 0 }, never)
    return claimed!.lease
  }
  const known = async (...ids: string[]) => (await backend.inspect.find(ids)).map((record) => record?.state)
  return { backend, clock, claim, known }
}

function job(id: string, more: Partial<NewJob> = {}): NewJob {
  return { id, queue: 'q', name: 'n', payload: '1', headers: {}, ...more }
}

describe('a transaction', () => {
  it('shows what it did at its commit, and all at once', async () => {
    const { backend, claim, known } = await opened()
    await backend.enqueue([job('a')])
    const lease = await claim()
    const finished: string[][] = []
    await backend.inspect.watch((news) => finished.push(news.map(({ id }) => id)))
    const transaction = backend.transaction()
    const inside = backend.within(transaction)
    expect(await inside.enqueue([job('b')])).toEqual([{ status: 'enqueued' }])
    expect(await inside.settle([{ lease, to: 'completed', keep: 1000, then: [job('c')] }])).toEqual(['applied'])
    expect(await known('a', 'b', 'c')).toEqual(['active', undefined, undefined])
    await transaction.commit()
    expect(await known('a', 'b', 'c')).toEqual(['completed', 'waiting', 'waiting'])
    expect(finished).toEqual([['a']])
  })

  it('leaves nothing when it is rolled back', async () => {
    const { backend, claim, known } = await opened()
    await backend.enqueue([job('a')])
    const lease = await claim()
    const transaction = backend.transaction()
    await backend.within(transaction).enqueue([job('b')])
    await backend.within(transaction).settle([{ lease, to: 'completed', keep: 1000 }])
    await transaction.rollback()
    expect(await known('a', 'b')).toEqual(['active', undefined])
    expect(await backend.settle([{ lease, to: 'completed', keep: 1000 }])).toEqual(['applied'])
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'invalid' })
    await expect(backend.within(transaction).enqueue([])).rejects.toThrow(/over/)
  })

  it('answers by its own steps too', async () => {
    const { backend, claim } = await opened()
    await backend.enqueue([job('a', { unique: { key: 'k' } }), job('b', { unique: { key: 'kept', within: 1000 } })])
    const [a, b] = [await claim(), await claim()]
    const transaction = backend.transaction()
    const inside = backend.within(transaction)
    const next = job('next', { unique: { key: 'k' } })
    expect(await inside.enqueue([next])).toEqual([{ status: 'duplicate', of: 'a' }])
    const endings = [a, b].map((lease) => ({ lease, to: 'completed' as const, keep: 0 }))
    expect(await inside.settle([...endings, endings[0]!])).toEqual(['applied', 'applied', 'applied'])
    expect(
      await inside.enqueue([
        next,
        next,
        job('other', { unique: { key: 'k' } }),
        job('late', { unique: { key: 'kept' } }),
      ]),
    ).toEqual([
      { status: 'enqueued' },
      { status: 'duplicate', of: 'next' },
      { status: 'duplicate', of: 'next' },
      { status: 'duplicate', of: 'b' },
    ])
    await transaction.commit()
    expect(await backend.inspect.counts('q')).toMatchObject({ waiting: 1, active: 0 })
  })

  it('settles a job once, whatever a repetition says', async () => {
    const { backend, claim, known } = await opened()
    await backend.enqueue([job('a')])
    const lease = await claim()
    const transaction = backend.transaction()
    const inside = backend.within(transaction)
    await inside.settle([{ lease, to: 'waiting', delay: 0, counts: 'failure' }])
    expect(await inside.settle([{ lease, to: 'completed', keep: 0, then: [job('b')] }])).toEqual(['applied'])
    await transaction.commit()
    expect(await known('a', 'b')).toEqual(['waiting', undefined])
  })

  it('is told `lost` at once for a stale lease, and buffers nothing for it', async () => {
    const { backend, clock, claim, known } = await opened()
    await backend.enqueue([job('a')])
    const stale = await claim()
    await clock.advance(100)
    await claim()
    const transaction = backend.transaction()
    const inside = backend.within(transaction)
    expect(await inside.settle([{ lease: stale, to: 'completed', keep: 1000, then: [job('b')] }])).toEqual(['lost'])
    await transaction.commit()
    expect(await known('a', 'b')).toEqual(['active', undefined])
  })

  it('fails as a whole when a lease is lost before the commit', async () => {
    const { backend, clock, claim, known } = await opened()
    await backend.enqueue([job('a')])
    const lease = await claim()
    const transaction = backend.transaction()
    const inside = backend.within(transaction)
    await inside.enqueue([job('b')])
    await inside.settle([{ lease, to: 'completed', keep: 1000 }])
    await clock.advance(100)
    await claim()
    await expect(transaction.commit()).rejects.toThrow(/lease of job a was lost/)
    expect(await known('a', 'b')).toEqual(['active', undefined])
  })

  it('fails as a whole when another took its unique key', async () => {
    const { backend, known } = await opened()
    const transaction = backend.transaction()
    await backend.within(transaction).enqueue([job('a', { unique: { key: 'k' } }), job('b')])
    await backend.enqueue([job('c', { unique: { key: 'k' } })])
    await expect(transaction.commit()).rejects.toThrow(/job c took the unique key of job a/)
    expect(await known('a', 'b', 'c')).toEqual([undefined, undefined, 'waiting'])
  })

  it('belongs to the jobs that it was made for', async () => {
    const { backend } = await opened()
    const other = await opened()
    const transaction = backend.transaction()
    expect(() => other.backend.within(transaction)).toThrow(/transaction\(\) of this backend/)
    expect(() => backend.peer().within(transaction)).not.toThrow()
  })
})
