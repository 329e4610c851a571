/**
 * Email, by nodemailer.
 * @module
 */
import { createHash } from 'node:crypto'
import { checkKnown, OptionError } from '@jobport/core/notify'
import { createTransport } from 'nodemailer'
import type { Channel, DeliveryResult, Message } from './channel.ts'

/** What is used of a transport of nodemailer. */
export interface MailTransport {
  sendMail(mail: Mail): Promise<{
    readonly response?: string
    readonly rejected?: readonly unknown[]
    readonly accepted?: readonly unknown[]
  }>
  verify(): Promise<unknown>
  close(): void
}

/** What a transport gets. */
export interface Mail {
  readonly from: string
  readonly to: readonly { readonly name: string; readonly address: string }[]
  readonly replyTo?: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly messageId: string
  readonly date: Date
  readonly headers: Readonly<Record<string, string>>
  readonly disableFileAccess: true
  readonly disableUrlAccess: true
}

export interface EmailChannelOptions {
  /**
   * `smtps://user:password@smtp.example.org` or `smtp://…`, options of nodemailer's SMTP transport, or a transport of nodemailer, which then is not closed here. By default
   * connections are pooled.
   */
  readonly transport: string | object | MailTransport
  /** `alerts@example.org` or `Alerts <alerts@example.org>`. */
  readonly from: string
  /** Default: the recipient's `email`. Several get the message together. None: nobody is told. */
  readonly to?: (
    message: Message,
  ) => string | readonly string[] | undefined | Promise<string | readonly string[] | undefined>
  readonly replyTo?: string
}

/** An address alone, without a name, a comment, a list or a line break: no recipient may become two. */
const ADDRESS = /^[^\s@<>()[\],;:\\"\p{Cc}]{1,64}@[^\s@<>()[\],;:\\"\p{Cc}]{1,253}$/u

/**
 * Sends each message as an email in text and HTML. Its `Message-ID` is made of the id of the notification and the same at every attempt; mail servers that look at it drop the repeat.
 * Accepted by the mail server counts as delivered; what bounces later comes to `from`.
 * @throws OptionError
 */
export function emailChannel(options: EmailChannelOptions): Channel {
  checkKnown(options, ['transport', 'from', 'to', 'replyTo'], 'emailChannel')
  const { transport, from, to = ({ to: { email } }) => email, replyTo } = options
  const domain = /@([^\s@<>]+?)>?$/.exec(from)?.[1]
  if (domain === undefined || /[\r\n]/.test(from))
    throw new OptionError('from', 'is no address; give one such as alerts@example.org')
  return new EmailChannel(transport, { from, to, replyTo, domain })
}

interface Settings {
  readonly from: string
  readonly to: NonNullable<EmailChannelOptions['to']>
  readonly replyTo: string | undefined
  readonly domain: string
}

class EmailChannel implements Channel {
  readonly #transport: EmailChannelOptions['transport']
  readonly #settings: Settings
  #open: MailTransport | undefined

  constructor(transport: EmailChannelOptions['transport'], settings: Settings) {
    this.#transport = transport
    this.#settings = settings
  }

  async deliver(message: Message): Promise<DeliveryResult> {
    const { from, to, replyTo, domain } = this.#settings
    const given = (await to(message)) ?? []
    const addresses = typeof given === 'string' ? [given] : given
    if (addresses.length === 0) return { status: 'delivered', receipt: 'the recipient has no address' }
    if (!addresses.every((address) => ADDRESS.test(address))) {
      return { status: 'permanent', reason: 'what should be an email address of the recipient is none' }
    }
    try {
      const { response, rejected = [] } = await this.#mailer().sendMail({
        from,
        to: addresses.map((address) => ({ name: '', address })),
        ...(replyTo !== undefined && { replyTo }),
        subject: message.subject,
        text: message.text,
        html: message.html,
        messageId: `<${messageId(message.id)}@${domain}>`,
        date: new Date(message.at),
        // No answer by a machine to a machine, please.
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Jobport-Notification': message.id },
        disableFileAccess: true,
        disableUrlAccess: true,
      })
      const some = rejected.length === 0 ? '' : `; ${rejected.length} of ${addresses.length} addresses were refused`
      return { status: 'delivered', receipt: `${response ?? 'accepted'}${some}`.slice(0, 200) }
    } catch (error) {
      return failureOf(error)
    }
  }

  async verify(): Promise<void> {
    await this.#mailer().verify()
  }

  async close(): Promise<void> {
    if (this.#open !== undefined && this.#open !== this.#transport) this.#open.close()
    this.#open = undefined
  }

  #mailer(): MailTransport {
    this.#open ??= isTransport(this.#transport) ? this.#transport : connect(this.#transport)
    return this.#open
  }
}

function isTransport(transport: string | object): transport is MailTransport {
  return typeof transport === 'object' && 'sendMail' in transport && typeof transport.sendMail === 'function'
}

/** With an end to every wait: nodemailer's own are minutes. */
function connect(transport: string | object): MailTransport {
  const limits = { pool: true, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 }
  const given = typeof transport === 'string' ? { url: transport } : transport
  return createTransport({ ...limits, ...given } as object) as unknown as MailTransport
}

/** An answer of 5xx to the message or its recipients stands. One to our own credentials does not: someone will mend them. */
function failureOf(error: unknown): DeliveryResult {
  const { code = '', responseCode, command } = error as { code?: string; responseCode?: number; command?: string }
  const said =
    responseCode === undefined ? code || 'no answer' : `${responseCode}${command === undefined ? '' : ` to ${command}`}`
  const isOurs = code === 'EAUTH' || code === 'ENOAUTH' || code === 'EOAUTH2' || command?.startsWith('AUTH') === true
  const isFinal =
    (responseCode !== undefined && responseCode >= 500) || (code === 'EENVELOPE' && responseCode === undefined)
  return { status: isFinal && !isOurs ? 'permanent' : 'retryable', reason: `the mail server answered ${said}` }
}

/** Ids have characters that must not stand, or not everywhere, in a Message-ID; those that take their place are in no id. A long one is replaced by its hash. */
function messageId(id: string): string {
  if (id.length > 120) return createHash('sha256').update(id).digest('hex')
  return id.replaceAll(':', '+').replaceAll('.', '/')
}
