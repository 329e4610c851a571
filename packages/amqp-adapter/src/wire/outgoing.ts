/** A message on its way out. It is kept on disk, and must reach a queue. */
export interface Outgoing {
  readonly exchange: string
  readonly key: string
  readonly content: Buffer
  readonly properties: Properties
}

/** What a message tells besides its content. */
export interface Properties {
  readonly messageId: string
  readonly type: string
  readonly appId: string
  readonly headers: Readonly<Record<string, string | number>>
  /** 0 to 255. */
  readonly priority: number | undefined
  /** Milliseconds. */
  readonly expiration: number | undefined
}
