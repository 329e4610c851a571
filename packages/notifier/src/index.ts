/**
 * Delivers the notifications that jobs ask for.
 * @module
 */
export type { Channel, Message } from './channel.ts'
export { fileChannel, type FileChannelOptions, type FileLine } from './channels/file.ts'
export { logChannel, type LogChannelOptions, type Logger } from './channels/log.ts'
export { memoryChannel, type MemoryChannel } from './channels/memory.ts'
export { createNotifier, type Delivery, type Notifier, type NotifierEvents, type NotifierOptions } from './notifier.ts'
export type { Route } from './route.ts'
export type { Template, Templates } from './template.ts'
