import type { Store } from '@jobport/core/adapter'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asIfRemote, REMOTE } from '../../../scripts/services/as-if-remote.ts'
import { tlsFront } from '../../../scripts/services/tls-front.ts'
import { redisBackend, redisStore, type RedisBackendOptions } from '../src/index.ts'
import { makeUser } from './acl.ts'
import { serverUrl } from './harness.ts'

const namespace = 'exposure'
let admin: Redis
let url: string
beforeAll(async () => {
  admin = new Redis(serverUrl())
  url = await makeUser(admin, serverUrl(), namespace, ['~*', '&*', '+@all'])
})
afterAll(async () => {
  await admin.acl('DELUSER', namespace)
  admin.disconnect()
})

type Checked = Pick<Store, 'open' | 'health' | 'close'>

/** What `health` warns of passwords. */
async function warnings(options: RedisBackendOptions, make: (options: RedisBackendOptions) => Checked = redisBackend) {
  const backend = make({ namespace, ...options })
  await backend.open()
  try {
    return (await backend.health()).warnings.filter((warning) => warning.includes('password'))
  } finally {
    await backend.close()
  }
}

const exposed = [expect.stringContaining(`The password goes to ${REMOTE} unencrypted`)]

describe('health, of a password', () => {
  it('warns where it goes to another machine unencrypted', () =>
    asIfRemote(async () => {
      expect(await warnings({ url })).toEqual(exposed)
    }))

  it('warns as well of a store', () =>
    asIfRemote(async () => {
      expect(await warnings({ url }, redisStore)).toEqual(exposed)
    }))

  it('warns as well where connections are made like a client of the application', () =>
    asIfRemote(async () => {
      expect(await warnings({ client: new Redis(url, { lazyConnect: true }) })).toEqual(exposed)
    }))

  it('does not warn on this machine', async () => {
    expect(await warnings({ url })).toEqual([])
  })

  it('does not warn where there is none', () =>
    asIfRemote(async () => {
      expect(await warnings({ url: serverUrl() })).toEqual([])
    }))

  it('does not warn over TLS', () =>
    asIfRemote(async () => {
      await using front = await tlsFront(Number(new URL(url).port))
      const secure = new URL(url)
      secure.port = `${front.port}`
      const options = { url: secure.href.replace('redis:', 'rediss:'), redis: { tls: front.options } }
      expect(await warnings(options)).toEqual([])
    }))
})
