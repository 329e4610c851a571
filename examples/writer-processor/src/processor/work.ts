import { setTimeout as delay } from 'node:timers/promises'
import type { Message } from '../message/message.ts'

/** What is done with a message before its effect is there. Stops when the signal aborts. */
export type Work = (message: Message, signal: AbortSignal) => Promise<void>

export interface SimulationOptions {
  /** How long it takes, in milliseconds. */
  readonly takes: number
  /** Topics for which it fails, as a bug would. */
  readonly failsFor: readonly string[]
}

/** Stands for a call to another system. */
export function simulatedWork({ takes, failsFor }: SimulationOptions): Work {
  return async ({ topic }, signal) => {
    await delay(takes, undefined, { signal })
    if (failsFor.includes(topic)) throw new Error(`there is no way to process ${topic}`)
  }
}
