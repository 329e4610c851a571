import { describe, expect, it } from 'vitest'
import { failure } from './failure.ts'

function said(message: string): Error {
  return failure(Object.assign(new Error(message), { name: 'ReplyError' }))
}

describe('a right that is missing is named', () => {
  it.each([
    ['Redis 7.0', 'NOPERM this user has no permissions to access one of the keys used as arguments', 'the keys of'],
    [
      'Redis 7.0',
      'NOPERM this user has no permissions to access one of the channels used as arguments',
      'the channels of',
    ],
    ['Redis 8 and Valkey', 'NOPERM No permissions to access a key', 'the keys of'],
    ['Redis 8 and Valkey', 'NOPERM No permissions to access a channel', 'the channels of'],
    ['Redis 8 and Valkey', "NOPERM User keys has no permissions to run the 'zadd' command", "run the 'zadd' command"],
  ])('as %s says it: %s', (_, message, named) => {
    expect(said(message)).toMatchObject({ code: 'denied', outcome: 'none', message: expect.stringContaining(named) })
  })
})

describe('a right that a script turns out to lack leaves open what it has done by then', () => {
  it.each([
    [
      'Redis 7.0',
      "ERR The user executing the script can't run this command or subcommand script: 5b1a, on @user_script:1.",
    ],
    [
      'Redis 8 and Valkey',
      "ERR ACL failure in script: User u has no permissions to run the 'zadd' command script: 5b1a, on @user_script:1.",
    ],
  ])('as %s says it', (_, message) => {
    expect(said(message)).toMatchObject({ code: 'denied', outcome: 'unknown' })
  })
})
