import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { Rights } from '../src/connection/rights.ts'
import { Keys } from '../src/keys.ts'
import { makeScripts } from '../src/scripts/scripts.ts'
import { makeUser, rulesOf } from './acl.ts'
import { serverUrl } from './harness.ts'

/** Redis 8 tells the rights of a command only for a call that could be made: with as many words as COMMAND says. */
const STRICT = `local server = redis
local redis = { acl_check_cmd = function(command, ...)
  local arity, words = server.call('COMMAND', 'INFO', command)[1][2], 1 + select('#', ...)
  if words < math.abs(arity) or arity > 0 and words > arity then error('Wrong number of args') end
  return server.acl_check_cmd(command, ...)
end }
`

it('the rights of a user are learned from a server that is asked about whole calls only', async () => {
  const url = serverUrl()
  const admin = new Redis(url)
  const client = new Redis(
    await makeUser(admin, url, 'strict', [...rulesOf('worker', 'rights'), '+eval', '+command|info', '-hincrby']),
  )
  try {
    const { claim, enqueueOne } = makeScripts()
    const scripts = [claim, enqueueOne]
    const run = ({ text }: { text: string }, keys: readonly string[], args: readonly string[]): Promise<unknown> =>
      client.eval(STRICT + text, keys.length, ...keys, ...args)
    const rights = new Rights(run, new Keys('rights'), scripts)
    await rights.ask()
    await expect(rights.check(claim)).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringContaining('lacks +hincrby;'),
    })
    await admin.acl('SETUSER', 'strict', '+hincrby')
    await rights.check(claim)
    expect(rights.hasAllFor(enqueueOne)).toBe(true)
  } finally {
    client.disconnect()
    await admin.acl('DELUSER', 'strict')
    admin.disconnect()
  }
})
