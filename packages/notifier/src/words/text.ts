import type { Ms } from '@jobport/core/notify'

/** What can be read and sent everywhere, in characters. */
export const MOST = { subject: 200, text: 16_000, html: 64_000, blocks: 50 } as const

/** Of what a job brought along, such as a message of an error, a default template shows no more. */
export const MOST_OF_A_VALUE = 1_000

export function cut(text: string, length: number): string {
  if (text.length <= length) return text
  // Not between the halves of a character.
  return `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** Control characters could end a header, move a cursor or turn the direction of what follows. */
const CONTROLS = /(?![\n\t])\p{Cc}|[\u202A-\u202E\u2066-\u2069]/gu

export function clean(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(CONTROLS, '')
}

export function oneLine(text: string): string {
  return clean(text.replaceAll(/\s+/g, ' ')).trim()
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** For HTML, in text and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!)
}

/** For Slack's mrkdwn, where these three begin links, mentions and entities. */
export function escapeSlack(text: string): string {
  return text.replaceAll(/[&<>]/g, (character) => ENTITIES[character]!)
}

const UNITS: readonly (readonly [string, Ms])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
]

/** `5 minutes`, `1.5 hours`, `320 milliseconds`. */
export function lasting(ms: Ms): string {
  const [unit, length] = UNITS.find(([, each]) => ms >= each) ?? ['millisecond', 1]
  const number = Math.round((ms / length) * 10) / 10
  return `${number} ${unit}${number === 1 ? '' : 's'}`
}
