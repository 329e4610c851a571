/** What has passed through a proxy since it was started. */
export interface Counts {
  /** Connections that clients have made. */
  connections: number
  /** Requests that were forwarded to the server. */
  requests: number
  /** Pieces of replies that were forwarded to a client. */
  replies: number
  /** Connections that were reset before a request reached the server. */
  cut: number
  /** Connections that were reset after the server had executed a request and before its reply was delivered. */
  lost: number
  /** Connections that have fallen silent. */
  swallowed: number
}

export function noCounts(): Counts {
  return { connections: 0, requests: 0, replies: 0, cut: 0, lost: 0, swallowed: 0 }
}
