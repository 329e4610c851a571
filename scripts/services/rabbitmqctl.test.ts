import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from './free-port.ts'
import { find } from './locate.ts'
import { rabbitmq } from './rabbitmq.ts'
import { rabbitmqctl } from './rabbitmqctl.ts'

test('asking a server that is down leaves no name server behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rabbitmqctl-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [server] = (await rabbitmq.prepare({ binary: find(rabbitmq.binary)!, folder, port: await freePort() })).slice(
    -1,
  )
  const env = server!.env!
  await expect(rabbitmqctl({ env }, 'status')).rejects.toThrow('rabbitmqctl')
  const socket = connect(Number(env['ERL_EPMD_PORT']), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
