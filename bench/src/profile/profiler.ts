import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'

/** Microseconds between samples. */
const INTERVAL = 200

/** V8's sampling profiler, on the main thread of this process: what `node --cpu-prof` uses, for a part of the program. */
export class Profiler {
  readonly #session: Session

  private constructor(session: Session) {
    this.#session = session
  }

  /** Profiles from here to `discard`: only code compiled meanwhile knows which functions were inlined into it. */
  static async warmUp(): Promise<Profiler> {
    const session = new Session()
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: INTERVAL })
    await session.post('Profiler.start')
    return new Profiler(session)
  }

  async discard(): Promise<void> {
    await this.#session.post('Profiler.stop')
  }

  async start(): Promise<void> {
    await this.#session.post('Profiler.start')
  }

  /** Stops, and writes a file that Chrome's and VS Code's profile viewers open. */
  async write(file: string): Promise<void> {
    const { profile } = await this.#session.post('Profiler.stop')
    writeFileSync(file, JSON.stringify(profile))
  }
}
