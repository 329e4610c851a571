import { describe, expect, it, onTestFinished } from 'vitest'
import { sampleMessage } from '../../test/message.ts'
import { context, local, receiver } from '../../test/receiver.ts'
import { slackChannel, type Channel } from '../index.ts'

function open(url: string): Channel {
  const channel = slackChannel({ ...local, url })
  onTestFinished(() => channel.close!())
  return channel
}

interface Posted {
  readonly text: string
  readonly blocks: readonly { readonly type: string; readonly text: { readonly type: string; readonly text: string } }[]
}

describe('the Slack channel', () => {
  it('posts a text and blocks in which a job can neither mention nor link nor mark up', async () => {
    const { received, url } = await receiver((response) => response.end('ok'))
    const error = { name: 'Error', message: '<!channel> <https://evil.example|here> *bold* ```' }
    expect(await open(url).deliver(sampleMessage({ error }), context)).toMatchObject({ status: 'delivered' })
    const { text, blocks } = JSON.parse(received[0]!.body) as Posted
    expect(text).toBe('video.encode has failed for good')
    expect(blocks[0]).toMatchObject({ type: 'header', text: { type: 'plain_text', text } })
    expect(blocks[1]!.text.text).toContain("&lt;!channel&gt; &lt;https://evil.example|here&gt; *bold* '''")
    expect(blocks[1]!.text.text).toMatch(/^```[^]*```$/)
    expect(received[0]!.body).not.toContain('<!channel>')
  })

  it('keeps to the sizes that Slack takes', async () => {
    const { received, url } = await receiver((response) => response.end('ok'))
    const job = { ...sampleMessage().notification.job, name: 'n'.repeat(80), queue: '&'.repeat(4_000) }
    await open(url).deliver(sampleMessage({ job }), context)
    const { blocks } = JSON.parse(received[0]!.body) as Posted
    expect(blocks[0]!.text.text.length).toBeLessThanOrEqual(150)
    expect(blocks[1]!.text.text.length).toBeLessThanOrEqual(3_000)
  })

  it.each([
    [404, 'no_service', 'permanent'],
    [403, 'invalid_token', 'permanent'],
    [429, 'rate_limited', 'retryable'],
    [500, 'oops', 'retryable'],
  ])('%i %s means %s', async (status, body, expected) => {
    const { url } = await receiver((response) => response.writeHead(status, { 'retry-after': '3' }).end(body))
    const result = await open(url).deliver(sampleMessage(), context)
    expect(result).toMatchObject({ status: expected, ...(expected === 'retryable' && { retryAfter: 3_000 }) })
    // The URL is the secret.
    expect(JSON.stringify(result)).not.toContain('127.0.0.1')
  })

  it('verifies where it would connect to, without posting', async () => {
    const { received, url } = await receiver((response) => response.end('ok'))
    await open(url).verify!()
    expect(received).toEqual([])
    const hidden = slackChannel({
      url: 'https://hooks.example.org/x',
      resolve: async () => [{ address: '10.0.0.1', family: 4 }],
    })
    await expect(hidden.verify!()).rejects.toThrow(/not public/)
  })
})
