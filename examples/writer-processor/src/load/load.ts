import type { Message } from '../message/message.ts'
import type { LoadArguments } from './arguments.ts'
import { offer } from './offer.ts'
import { watchProcessor } from './processed.ts'
import { header, lines } from './report.ts'

const message: Message = { topic: 'load.test', text: 'x'.repeat(200) }

/** Offers one rate after the other. */
export async function load(
  { url, rates, seconds, bulk, processor }: LoadArguments,
  print: (line: string) => void,
): Promise<void> {
  const many = { messages: Array.from({ length: bulk }, () => message) }
  const [path, body] = bulk === 1 ? ['/messages', message] : ['/messages/bulk', many]
  let isOver = false
  const watching = processor === undefined ? undefined : watchProcessor(processor, () => isOver)
  print(header())
  for (const rate of rates) {
    const offered = await offer({ url: new URL(path, url), body: JSON.stringify(body), rate, seconds })
    for (const line of lines(rate, seconds, offered)) print(line)
  }
  isOver = true
  const progress = await watching
  if (progress !== undefined) {
    const { messages, took } = progress
    print(`processed ${messages} messages in ${took.toFixed(1)} s, ${(messages / took).toFixed(0)} a second`)
  }
}
