import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { openMailServer } from './mail-server.ts'

it('a mail server outlives a client that resets its connection in the middle of a mail', async () => {
  const server = await openMailServer({ authOptional: true })
  onTestFinished(() => server.close())
  const client = connect(server.port, '127.0.0.1')
  const answer = async (line = ''): Promise<string> => {
    client.write(line)
    const [text] = (await once(client, 'data')) as [Buffer]
    return text.toString()
  }
  await answer()
  await answer('HELO test\r\n')
  expect(await answer('MAIL FROM:<ada@example.org>\r\n')).toMatch(/^250 /)
  client.resetAndDestroy()

  const other = connect(server.port, '127.0.0.1')
  onTestFinished(() => void other.destroy())
  const [greeting] = (await once(other, 'data')) as [Buffer]
  expect(greeting.toString()).toMatch(/^220 /)
})
