import type { StoreStage } from './store-stage.ts'

/** One promise of a store, and how it is tried. */
export interface StoreCase {
  /** A sentence of what a right store does. */
  readonly title: string
  run(stage: StoreStage): Promise<void>
}

export function storeCase(title: string, run: StoreCase['run']): StoreCase {
  return { title, run }
}
