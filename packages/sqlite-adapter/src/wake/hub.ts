/** A backend that wants to know when another of this process has committed. */
export interface Neighbour {
  /** `queues`: where a claim may find something now. */
  wake(queues: ReadonlySet<string>): void
  /** Jobs have finished. */
  look(): void
}

const files = new Map<string, Set<Neighbour>>()

/** The backends of this process that have the same file open. One in memory is alone. */
export function neighbours(path: string): Set<Neighbour> {
  if (path === '') return new Set()
  let all = files.get(path)
  if (all === undefined) files.set(path, (all = new Set()))
  return all
}

/** To be called when one has left. */
export function forgetEmpty(path: string): void {
  if (files.get(path)?.size === 0) files.delete(path)
}
