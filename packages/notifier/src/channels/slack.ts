import { checkKnown, OptionError } from '@jobport/core/notify'
import type { Channel, Message } from '../channel.ts'
import { HTTP_OPTIONS, HttpPost, type HttpOptions } from '../http/post.ts'
import { resultOf } from '../http/result.ts'
import { escapeSlack } from '../words/text.ts'

export interface SlackChannelOptions extends HttpOptions {
  /** The URL of an incoming webhook, which is a secret: whoever has it can post. One for all, or one for each recipient; `undefined`: nobody is told. */
  readonly url: string | ((message: Message) => string | undefined | Promise<string | undefined>)
}

/**
 * Posts to an incoming webhook of Slack, or of what is compatible with it, such as Mattermost, Rocket.Chat, and Discord with `/slack` at the end of its URL. Slack does not recognise repeats: a message whose delivery was cut
 * short can stand there twice.
 * @throws OptionError
 */
export function slackChannel(options: SlackChannelOptions): Channel {
  checkKnown(options, [...HTTP_OPTIONS, 'url'], 'slackChannel')
  const { url, ...httpOptions } = options
  const http = new HttpPost(httpOptions)
  if (typeof url === 'string') checkUrl(url, http)
  return {
    async deliver(message, { signal }) {
      const target = typeof url === 'string' ? url : await url(message)
      if (target === undefined) return { status: 'delivered', receipt: 'the recipient has no address' }
      const body = JSON.stringify({ text: escapeSlack(message.subject), blocks: message.blocks })
      const reply = await http.send(target, body, () => ({ 'content-type': 'application/json' }), signal)
      // A hook that was taken away, or a channel that was archived.
      const isGone = /^(no_service|no_team|invalid_token|channel_is_archived|channel_not_found)\b/.test(reply.body)
      if (isGone && reply.status >= 400)
        return { status: 'permanent', reason: `the receiver answered ${reply.status}: ${reply.body.slice(0, 40)}` }
      return resultOf(reply)
    },
    async verify() {
      if (typeof url === 'string') await http.verify(url)
    },
    async close() {
      http.close()
    },
  }
}

function checkUrl(url: string, http: HttpPost): void {
  try {
    http.check(url)
  } catch (error) {
    throw new OptionError('url', (error as Error).message)
  }
}
