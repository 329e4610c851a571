import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino'

export type { Logger }

export interface LogOptions {
  readonly service: string
  readonly environment: string
  readonly level: string
  /** Default: standard output. */
  readonly destination?: DestinationStream
}

/** Lines of JSON: `time` in ISO 8601, `level` as a word, `service`, `environment`. Headers and fields that usually hold secrets are hidden. */
export function createLog({ service, environment, level, destination }: LogOptions): Logger {
  const options = {
    level,
    base: { service, environment },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: [
        '*.authorization',
        '*.cookie',
        '*.password',
        '*.secret',
        '*.token',
        'headers.authorization',
        'headers.cookie',
      ],
      censor: '***',
    },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}
