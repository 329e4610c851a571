import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ConfigurationError, readConfiguration, type Variables } from './configuration.ts'
import { flag, list, number, port, url } from './variables.ts'

const shape = {
  REDIS_URL: url('where Redis is', 'redis:', 'rediss:'),
  PORT: port(3_000),
  PASSWORD: z.string().min(8, 'must have 8 characters or more'),
}
const defaults = { development: { REDIS_URL: 'redis://localhost:6379', PASSWORD: 'development' } }

function fileWith(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'jobport-configuration-')), 'secret')
  writeFileSync(file, text)
  return file
}

function read(variables: Variables) {
  const shape = { FLAG: flag('to do it'), COUNT: number('how many', { from: 1, to: 10 }), LIST: list('which') }
  return readConfiguration(shape, { variables })
}

function problemsOf(variables: Variables): readonly string[] {
  try {
    readConfiguration(shape, { defaults, variables })
  } catch (error) {
    if (error instanceof ConfigurationError)
      return error.problems.map(({ variable, message }) => `${variable} ${message}`)
    throw error
  }
  return []
}

describe('configuration', () => {
  it('has defaults in development, and none of them elsewhere', () => {
    expect(readConfiguration(shape, { defaults, variables: {} })).toEqual({
      APP_ENV: 'development',
      REDIS_URL: 'redis://localhost:6379',
      PORT: 3_000,
      PASSWORD: 'development',
    })
    expect(problemsOf({ APP_ENV: 'production' })).toEqual([
      'REDIS_URL is missing: where Redis is',
      'PASSWORD is missing',
    ])
  })

  it('lists everything that is wrong in one error, and shows no value', () => {
    const wrong = { APP_ENV: 'staging', REDIS_URL: 'http://x', PORT: '70000', PASSWORD: 'hunter2' }
    expect(() => readConfiguration(shape, { variables: wrong })).toThrow(
      'The configuration for staging is not complete:\n' +
        '  REDIS_URL  must begin with redis:// or rediss://\n' +
        '  PORT       must be a port: a whole number from 0 to 65535\n' +
        '  PASSWORD   must have 8 characters or more',
    )
    expect(problemsOf(wrong).join()).not.toContain('hunter2')
  })

  it('takes a secret from the file that NAME_FILE names, without the newline at its end', () => {
    const variables = { PASSWORD_FILE: fileWith('correct horse\n') }
    expect(readConfiguration(shape, { defaults, variables }).PASSWORD).toBe('correct horse')
  })

  it('refuses a file beside a value, and one that cannot be read', () => {
    expect(problemsOf({ PASSWORD: 'correct horse', PASSWORD_FILE: fileWith('x') })).toEqual([
      'PASSWORD_FILE is set beside PASSWORD; set one of the two',
    ])
    expect(problemsOf({ PASSWORD_FILE: '/does/not/exist' })).toEqual([
      'PASSWORD_FILE names a file that cannot be read (ENOENT)',
    ])
  })

  it('takes an empty variable as one that is not set, and refuses an unknown environment', () => {
    expect(readConfiguration(shape, { defaults, variables: { PORT: '' } }).PORT).toBe(3_000)
    expect(problemsOf({ APP_ENV: 'prod' })).toEqual(['APP_ENV must be one of development, staging, production'])
  })

  it('reads flags, numbers and lists', () => {
    expect(read({ FLAG: 'true', COUNT: '10', LIST: 'a, b' })).toMatchObject({ FLAG: true, COUNT: 10, LIST: ['a', 'b'] })
    expect(() => read({ FLAG: 'yes', COUNT: '11', LIST: 'a,,b' })).toThrow(/FLAG .*\n.*COUNT .*\n.*LIST /)
  })
})
