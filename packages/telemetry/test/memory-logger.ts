import type { Level, Logger } from '../src/log/logger.ts'

export interface LoggedLine extends Record<string, unknown> {
  readonly level: Level
  readonly message: string | undefined
}

/** A logger that remembers. */
export function memoryLogger(): Logger & { readonly lines: readonly LoggedLine[] } {
  const lines: LoggedLine[] = []
  const bound = (bindings: object): Logger => {
    const at =
      (level: Level) =>
      (facts: object, message?: string): void =>
        void lines.push({ ...bindings, ...facts, level, message })
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (facts) => bound({ ...bindings, ...facts }),
    }
  }
  return { ...bound({}), lines }
}
