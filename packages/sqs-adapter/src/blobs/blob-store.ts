/**
 * Where payloads lie that are too long for a message. A message then carries the key alone: the claim-check pattern.
 *
 * A blob is written before its message is sent and removed after its job has finished; that of a dead job stays, for who looks into the
 * dead-letter queue. Blobs whose removal was cut short are left over, so give the store an expiry that is longer than the retention of the queues.
 */
export interface BlobStore {
  /** Stores a text; where that is not possible now, reject: the job is refused with `unavailable`. Doing so again with the same key and text is harmless. `key` is 1 to 300 of `[A-Za-z0-9._/-]`. */
  put(key: string, text: string): Promise<void>
  /** The text, or `undefined` where there is none: the message is unreadable then. Where it cannot be fetched now, reject: the message comes again later. */
  get(key: string): Promise<string | undefined>
  /** Removes a text. That there is none is no error. */
  delete(key: string): Promise<void>
}
