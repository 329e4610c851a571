import type { Clock, Ms, Store } from '@jobport/core/adapter'

/** What the suite has to know about a store under test. */
export interface StoreHarness {
  /** How the store is called. */
  readonly name: string
  /** A fresh, unopened instance. Instances of one namespace see the same jobs. A namespace is 1 to 32 of `[a-z0-9_]`. */
  open(namespace: string): Store | Promise<Store>
  /** Removes the namespace and all that is in it. */
  cleanup(namespace: string): Promise<void>
  /** Drives the store's time, where it is virtual. Without it the suite waits in real time. */
  readonly clock?: Clock & { advance(by: Ms): Promise<void> }
  /** What durations are built from in real time. Default 1000 ms. */
  readonly unit?: Ms
  /** Rows or keys of all kinds that the namespace has left. */
  footprint?(namespace: string): Promise<number>
}
