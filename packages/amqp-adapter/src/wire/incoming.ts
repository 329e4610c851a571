/** A message on its way in: of what the driver tells, what is looked at. */
export interface Incoming {
  readonly fields: { readonly deliveryTag: number; readonly redelivered: boolean }
  readonly properties: {
    readonly messageId?: unknown
    readonly type?: unknown
    readonly appId?: unknown
    readonly priority?: unknown
    readonly headers?: Readonly<Record<string, unknown>> | undefined
  }
  readonly content: Buffer
}
