import type { Backend, Clock, Ms } from '@jobport/core/adapter'

/** What the suite has to know about a backend under test. */
export interface Harness {
  /** How the backend is called in the matrix, unique among all that are run. */
  readonly name: string
  /**
   * A fresh, unopened instance. Instances of one namespace see the same jobs, as two processes would; instances of
   * different namespaces never do. A namespace is 1 to 32 of `[a-z0-9_]`.
   */
  open(namespace: string): Backend | Promise<Backend>
  /** Removes the namespace and all that is in it. Called when its instances are closed. */
  cleanup(namespace: string): Promise<void>
  /** Drives the backend's time, where it is virtual. Without it the suite waits in real time. It is also what queues and workers are built with. */
  readonly clock?: Clock & { advance(by: Ms): Promise<void> }
  /** What short leases and delays are built from in real time, at least two ticks. Default 100 ms; longer makes the suite slower and steadier. */
  readonly unit?: Ms
  /** `false`: every instance has jobs of its own, so cases that need two instances are skipped. */
  readonly shared?: false
  /** Jobs survive that all instances of a namespace are closed. */
  readonly durable?: boolean
  /** Round trips to the server so far, counted in the driver. */
  readonly spy?: () => number
  /** Rows or keys of all kinds that the namespace has left; pauses and the schema itself do not count. */
  footprint?(namespace: string): Promise<number>
  /** Runs `body` in a transaction of the caller's, on the data of this instance: commits when it resolves, rolls back when it rejects. */
  transaction?(backend: Backend, body: (tx: unknown) => Promise<void>): Promise<void>
  /** `false`: another harness of the same backend stands for it in the matrix. */
  readonly matrix?: false
  /** The title of a table of its own, where it does not stand with the others in the matrix. */
  readonly table?: string
  /** Reasons not to run a case, by its id. They show in the matrix. */
  readonly skip?: Readonly<Record<string, string>>
}
