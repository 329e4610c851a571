/**
 * Delivers the notifications that jobs ask for.
 * @module
 */
export type { Channel, DeliveryAttemptContext, DeliveryResult, Message } from './channel.ts'
export { fileChannel, type FileChannelOptions, type FileLine } from './channels/file.ts'
export { logChannel, type LogChannelOptions, type Logger } from './channels/log.ts'
export { memoryChannel, type MemoryChannel } from './channels/memory.ts'
export { slackChannel, type SlackChannelOptions } from './channels/slack.ts'
export {
  webhookChannel,
  type GoneEndpoints,
  type WebhookBody,
  type WebhookChannelOptions,
  type WebhookEndpoint,
} from './channels/webhook.ts'
export { deliveryLog, type DeliveryEntry, type DeliveryLog, type DeliveryStatus } from './delivery-log.ts'
export { AddressGuard, ForbiddenAddressError, type Resolve } from './http/address-guard.ts'
export type { HttpOptions } from './http/post.ts'
export {
  createNotifier,
  type Delivery,
  type Notifier,
  type NotifierEvents,
  type NotifierOptions,
  type Verification,
} from './notifier.ts'
export type { QuietHours } from './quiet-hours.ts'
export type { Route } from './route.ts'
export type { StormOptions } from './storm/storm-control.ts'
export type { Block } from './words/blocks.ts'
export type { Shown, Template, TemplateContext, Templates, Words } from './words/template.ts'
export { escapeHtml, escapeSlack } from './words/text.ts'
