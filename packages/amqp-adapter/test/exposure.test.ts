import { credentials } from 'amqplib'
import { describe, expect, it } from 'vitest'
import { asIfRemote, REMOTE } from '../../../scripts/services/as-if-remote.ts'
import { tlsFront } from '../../../scripts/services/tls-front.ts'
import { amqpBackend, type AmqpBackendOptions } from '../src/index.ts'
import { settingsOf } from '../src/options.ts'
import { healthOf } from '../src/server.ts'
import { serverUrl } from './harness.ts'

const url = serverUrl()

async function warnings(options: AmqpBackendOptions): Promise<readonly string[]> {
  const backend = amqpBackend(options)
  await backend.open()
  try {
    return (await backend.health()).warnings
  } finally {
    await backend.close()
  }
}

const exposed = [expect.stringContaining(`The password goes to ${REMOTE} unencrypted`)]

describe('health, of a password', () => {
  it('warns where it goes to another machine unencrypted', () =>
    asIfRemote(async () => {
      expect(await warnings({ url })).toEqual(exposed)
      const { username, password } = new URL(url)
      const own = credentials.amqplain(username || 'guest', password || 'guest')
      expect(await warnings({ url, socket: { credentials: own } })).toEqual(exposed)
    }))

  it('does not warn on this machine', async () => {
    expect(await warnings({ url })).toEqual([])
  })

  it('does not warn where a certificate takes its place', () => {
    const around = { connected: true, blocked: undefined, version: '4.0.5', unencryptedPeer: REMOTE, rests: new Map() }
    const settings = settingsOf({ url, socket: { credentials: credentials.external() } })
    expect(healthOf(settings, around).warnings).toEqual([])
    expect(healthOf(settingsOf({ url }), around).warnings).toEqual(exposed)
  })

  it('does not warn over TLS', () =>
    asIfRemote(async () => {
      await using front = await tlsFront(Number(new URL(url).port))
      const secure = new URL(url)
      secure.port = `${front.port}`
      expect(await warnings({ url: secure.href.replace('amqp:', 'amqps:'), socket: front.options })).toEqual([])
    }))
})
