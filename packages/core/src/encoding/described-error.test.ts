import { describe, expect, it } from 'vitest'
import { describeError, encodeError, reviveError } from './described-error.ts'

describe('describeError', () => {
  it('keeps name, message, code, stack and causes', () => {
    const cause = Object.assign(new TypeError('inner'), { code: 'E_INNER' })
    expect(describeError(new Error('outer', { cause }))).toMatchObject({
      name: 'Error',
      message: 'outer',
      stack: expect.stringContaining('outer') as string,
      cause: { name: 'TypeError', message: 'inner', code: 'E_INNER' },
    })
  })

  it.each<[string, unknown, string]>([
    ['undefined', undefined, 'thrown: undefined'],
    ['text', 'oops', 'thrown: oops'],
    ['an object', { toString: () => 'mine' }, 'mine'],
    ['an object that cannot be text', Object.create(null), 'something that cannot be written as text'],
    [
      'an error whose getter throws',
      Object.defineProperty(new Error('x'), 'message', {
        get() {
          throw new Error('ha')
        },
      }),
      'cannot be written as text',
    ],
  ])('describes %s', (_, thrown, message) => {
    expect(describeError(thrown).message).toContain(message)
  })

  it('bounds what it keeps', () => {
    const error = new Error('m'.repeat(100_000))
    error.stack = 's'.repeat(100_000)
    error.cause = error
    const text = encodeError(error)
    expect(text.length).toBeLessThan(6 * 25_000)
    expect(JSON.parse(text).message).toHaveLength(8_192)
  })

  it('comes back as an error', () => {
    const revived = reviveError(
      encodeError(Object.assign(new RangeError('far'), { code: 'E', cause: new Error('near') })),
    )
    expect(revived).toMatchObject({ name: 'RangeError', message: 'far', code: 'E', cause: { message: 'near' } })
  })
})

describe('credentials', () => {
  it.each([
    ['postgres://ada:s3cret@db.example/jobs', 'postgres://***@db.example/jobs'],
    ['redis://:s3c%40ret@[::1]:6379', 'redis://***@[::1]:6379'],
    ['amqp://guest:p@ss@host', 'amqp://***@host'],
    ['host=db password=s3cret user=ada', 'host=db password=*** user=ada'],
    ['GET /x?token=s3cret&page=2', 'GET /x?token=***&page=2'],
    ['signed with whsec_c2VjcmV0', 'signed with ***'],
    ['https://hooks.slack.com/services/T0/B0/abc failed', 'https://hooks.slack.com/services/*** failed'],
    [
      'see https://example.org/@ada and mailto:ada@example.org',
      'see https://example.org/@ada and mailto:ada@example.org',
    ],
  ])('%s', (text, shown) => {
    const error = new Error(text)
    const described = describeError(new Error('outer', { cause: error }))
    expect(described.cause!.message).toBe(shown)
    expect(described.cause!.stack!.includes(text)).toBe(text === shown)
  })
})
