import { checkKnown } from '@jobport/core/notify'
import type { Channel, Message } from '../channel.ts'

/** The part of pino and its like that is used. */
export interface Logger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface LogChannelOptions {
  /** Gets the facts and the subject: `info` for what is only that, else `warn`. */
  readonly logger?: Logger
  /** Without a logger: gets a line of JSON for each message. Default `process.stdout`. */
  readonly stream?: { write(line: string): unknown }
}

/**
 * Writes each message as one structured line. It counts as delivered when it was handed over.
 * @throws OptionError
 */
export function logChannel(options: LogChannelOptions = {}): Channel {
  checkKnown(options, ['logger', 'stream'], 'logChannel')
  const logger = options.logger ?? jsonLines(options.stream ?? process.stdout)
  return {
    deliver: (message) => {
      if (message.severity !== 'info') logger.warn(facts(message), message.subject)
      else logger.info(facts(message), message.subject)
    },
  }
}

function facts({ id, to, event, severity, text, notification }: Message): object {
  const { job, error, digest } = notification
  return {
    notification: id,
    event,
    severity,
    to,
    job: { id: job.id, name: job.name, queue: job.queue, attempt: job.attempt },
    text,
    ...(error !== undefined && { error: { name: error.name, message: error.message } }),
    ...(digest !== undefined && { digest }),
  }
}

function jsonLines(stream: NonNullable<LogChannelOptions['stream']>): Logger {
  const line = (level: string) => (fields: object, message: string) => {
    stream.write(`${JSON.stringify({ level, time: new Date().toISOString(), message, ...fields })}\n`)
  }
  return { info: line('info'), warn: line('warn') }
}
