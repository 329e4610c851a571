/** A logger as pino is; winston, bunyan and console can be made one in a line. */
export interface Logger {
  debug(facts: object, message?: string): void
  info(facts: object, message?: string): void
  warn(facts: object, message?: string): void
  error(facts: object, message?: string): void
  /** A logger whose every line also has these facts. */
  child(facts: Readonly<Record<string, unknown>>): Logger
}

export type Level = 'debug' | 'info' | 'warn' | 'error'
