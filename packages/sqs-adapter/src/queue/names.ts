import { createHash } from 'node:crypto'

/** What SQS allows in the name of a queue, `.fifo` included. */
const LONGEST = 80
const DEAD = '_dead'
const FIFO = '.fifo'

const ESCAPES: Readonly<Record<string, string>> = { _: '__', '.': '_p', ':': '_c' }

/**
 * The name in SQS of a queue of jobport. Letters, digits and hyphens stay, `_` becomes `__`, `.` becomes `_p` and `:` becomes `_c`, so no two queues
 * share a name; one that would be too long ends in a hash.
 */
export function queueName(prefix: string, queue: string, fifo: boolean): string {
  return fit(prefix, queue, fifo ? FIFO : '')
}

/** The name of its dead-letter queue. */
export function deadName(prefix: string, queue: string, fifo: boolean): string {
  return fit(prefix, queue, fifo ? DEAD + FIFO : DEAD)
}

function fit(prefix: string, queue: string, suffix: string): string {
  const escaped = escape(queue)
  const room = LONGEST - prefix.length - DEAD.length - FIFO.length
  if (escaped.length <= room) return prefix + escaped + suffix
  const hash = `_h${digest(queue).slice(0, 16)}`
  return prefix + escaped.slice(0, room - hash.length) + hash + suffix
}

function escape(name: string): string {
  return name.replace(/[_.:]/g, (character) => ESCAPES[character]!)
}

/** Where the payload of a job lies: no part of it can lead out of a folder. */
export function blobKey(queue: string, id: string): string {
  return `${escape(queue)}/${escape(id)}`
}

/** What SQS allows in the ids of groups and repeats: 1 to 128 printable characters of ASCII. */
const TAKEN_AS_IT_IS = /^[\w.:-]{1,120}$/

/** The group of a message. Every job without a group is one of its own, so that it waits for nobody. */
export function groupId(group: string | undefined, id: string): string {
  if (group === undefined) return `j.${digest(id).slice(0, 32)}`
  return TAKEN_AS_IT_IS.test(group) ? `g.${group}` : `h.${digest(group)}`
}

/** What tells a message that is sent again from a new one, for five minutes. A job that is sent for a reason of its own is a new one. */
export function repeatId(id: string, reason?: string): string {
  return reason === undefined ? id : digest(`${id} ${reason}`)
}

function digest(text: string): string {
  // As UTF-16: two texts that differ in a lone surrogate are two.
  return createHash('sha256').update(text, 'utf16le').digest('hex')
}
