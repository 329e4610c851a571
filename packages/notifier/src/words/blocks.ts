import { cut, escapeSlack } from './text.ts'

/** A block of Slack's Block Kit: plain data, passed on as it is. */
export interface Block {
  readonly type: string
  readonly [property: string]: unknown
}

/** Slack refuses more, in characters of one text. */
const MOST_IN_HEADER = 150
const MOST_IN_SECTION = 3_000

/** Text that nobody can put links, mentions or markup into. */
export function plainBlocks(subject: string, text: string, link?: string): readonly Block[] {
  return [
    { type: 'header', text: { type: 'plain_text', text: cut(subject, MOST_IN_HEADER), emoji: false } },
    ...(text === '' ? [] : [{ type: 'section', text: { type: 'mrkdwn', text: quoted(text), verbatim: true } }]),
    ...(link === undefined
      ? []
      : [
          { type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: 'Details' }, url: link }] },
        ]),
  ]
}

/** As code, so that the stars and underscores of an error are no markup. */
function quoted(text: string): string {
  const inner = escapeSlack(text).replaceAll('```', "'''")
  return `\`\`\`${cut(inner, MOST_IN_SECTION - 6).replace(/&\w{0,4}…$/, '…')}\`\`\``
}
