import type { Channel, Message } from '../channel.ts'

/** What `memoryChannel` gives. */
export interface MemoryChannel extends Channel {
  /** Every delivery, in order; a repeat is here twice. */
  readonly messages: readonly Message[]
}

/** Keeps messages in an array. For tests: it never forgets. */
export function memoryChannel(): MemoryChannel {
  const messages: Message[] = []
  return {
    messages,
    deliver: (message) => {
      messages.push(message)
    },
  }
}
