import type { Stack } from './stack.ts'

/** How one profile is tried from outside. */
export interface Drive {
  readonly name: string
  readonly profiles: readonly string[]
  /** Services that have their images built: one for each image. */
  readonly builds: readonly string[]
  /** Variables of compose.yaml. */
  readonly variables?: Readonly<Record<string, string>>
  /** Throws where something is not as it should be. */
  run(stack: Stack, step: Step): Promise<void>
}

/** Does one thing and writes a line about it, with what it answers. */
export type Step = <T>(what: string, act: () => Promise<T>) => Promise<T>
