import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sampleMessage } from '../test/message.ts'
import { context } from '../test/receiver.ts'
import { emailChannel, type EmailChannelOptions } from './email.ts'
import type { Channel } from './index.ts'

/** A mail server that keeps what it gets. */
async function mailServer(options: SMTPServerOptions = {}) {
  const mails: string[] = []
  const recipients: string[][] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString('utf8'))
        recipients.push(session.envelope.rcptTo.map(({ address }) => address))
        callback()
      })
    },
    ...options,
  })
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const { port } = server.server.address() as AddressInfo
  return { mails, recipients, port, url: `smtp://127.0.0.1:${port}` }
}

function open(transport: EmailChannelOptions['transport'], options: Partial<EmailChannelOptions> = {}): Channel {
  const channel = emailChannel({ transport, from: 'Alerts <alerts@example.org>', ...options })
  onTestFinished(() => channel.close!())
  return channel
}

const toAda = { to: { email: 'ada@example.org' } }
const refusing = (responseCode: number) => Object.assign(new Error('refused'), { responseCode })

describe('the email channel', () => {
  it('sends text and HTML to the recipient, with a Message-ID that is the same at every attempt', async () => {
    const { mails, recipients, url } = await mailServer()
    const channel = open(url)
    expect(await channel.deliver(sampleMessage(toAda), context)).toMatchObject({
      status: 'delivered',
      receipt: /^250 /,
    })
    await channel.deliver(sampleMessage(toAda), context)
    expect(recipients).toEqual([['ada@example.org'], ['ada@example.org']])
    const ids = mails.map((mail) => /^Message-ID: (.*)\r$/im.exec(mail)?.[1])
    expect(ids).toEqual(['<j1+dead+abc@example.org>', '<j1+dead+abc@example.org>'])
    expect(mails[0]).toMatch(/^Subject: video\.encode has failed for good\r$/m)
    expect(mails[0]).toMatch(/^Auto-Submitted: auto-generated\r$/m)
    expect(mails[0]).toMatch(/^X-Jobport-Notification: j1:dead:abc\r$/m)
    expect(mails[0]).toContain('multipart/alternative')
    expect(mails[0]).toContain('Error: TypeError: no stream')
  })

  it('escapes in HTML what comes from a job, and lets it add no header', async () => {
    const { mails, url } = await mailServer()
    const job = { ...sampleMessage().notification.job, name: 'x\r\nBcc: eve@example.org\r\n' }
    const error = { name: 'Error', message: '<script>alert(1)</script>' }
    await open(url).deliver(sampleMessage({ ...toAda, job, error }), context)
    expect(mails[0]!.split('\r\n\r\n')[0]).not.toMatch(/^Bcc:/im)
    const html = mails[0]!.slice(mails[0]!.indexOf('text/html'))
    expect(html).not.toContain('<script>')
    expect(html).toContain('&lt;script&gt;')
  })

  it.each([
    ['a list', 'ada@example.org, eve@example.org'],
    ['a name', 'Ada <ada@example.org>'],
    ['a line break', 'ada@example.org\r\nRCPT TO:<eve@example.org>'],
    ['no address', 'ada'],
  ])('refuses %s in place of an address', async (_, email) => {
    const { recipients, url } = await mailServer()
    expect(await open(url).deliver(sampleMessage({ to: { email } }), context)).toEqual({
      status: 'permanent',
      reason: 'what should be an email address of the recipient is none',
    })
    expect(recipients).toEqual([])
  })

  it('has nobody to tell without an address', async () => {
    const result = await open('smtp://127.0.0.1:1').deliver(sampleMessage(), context)
    expect(result).toEqual({ status: 'delivered', receipt: 'the recipient has no address' })
  })

  it.each([
    [
      '550 to the recipient',
      'permanent',
      { onRcptTo: (_: unknown, __: unknown, done: (e: Error) => void) => done(refusing(550)) },
    ],
    [
      '450 to the recipient',
      'retryable',
      { onRcptTo: (_: unknown, __: unknown, done: (e: Error) => void) => done(refusing(450)) },
    ],
    [
      '552 to the message',
      'permanent',
      {
        onData: (s: { resume(): void; on(e: string, l: () => void): void }, _: unknown, done: (e: Error) => void) => {
          s.on('end', () => done(refusing(552)))
          s.resume()
        },
      },
    ],
    ['421 at the door', 'retryable', { onConnect: (_: unknown, done: (e: Error) => void) => done(refusing(421)) }],
  ])('%s is %s', async (_, status, options) => {
    const { url } = await mailServer(options)
    expect(await open(url).deliver(sampleMessage(toAda), context)).toMatchObject({ status })
  })

  it('our own password may be mended', async () => {
    const { port } = await mailServer({ authOptional: false, onAuth: (_, __, done) => done(refusing(535)) })
    const channel = open({ host: '127.0.0.1', port, auth: { user: 'alerts', pass: 'hunter2' } })
    const result = await channel.deliver(sampleMessage(toAda), context)
    expect(result).toMatchObject({ status: 'retryable' })
    expect(JSON.stringify(result)).not.toContain('hunter2')
    await expect(channel.verify!()).rejects.toThrow('535')
  })

  it('a server that is away is tried again', async () => {
    expect(await open('smtp://127.0.0.1:1').deliver(sampleMessage(toAda), context)).toMatchObject({
      status: 'retryable',
    })
  })

  it('verifies that the server would take mail', async () => {
    const { mails, url } = await mailServer()
    await open(url).verify!()
    expect(mails).toEqual([])
    await expect(open('smtp://127.0.0.1:1').verify!()).rejects.toThrow('ECONNREFUSED')
  })
})

it.each(['nobody', 'a@b.example\r\nBcc: c@d.example'])('refuses to come from %j', (from) => {
  expect(() => emailChannel({ transport: 'smtp://127.0.0.1', from })).toThrow(/^from: /)
})
