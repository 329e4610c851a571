import { BackendError } from '@jobport/core/adapter'
import { NAME } from '../limits.ts'
import { script, type Script } from '../scripts/script.ts'

/** ARGV: a channel, then commands. Answers which of these the user may not run. Servers older than Redis 7 cannot tell, and answer none. */
const PROBE = script(
  'rights',
  `local missing = {}
  for i = 2, redis.acl_check_cmd and #ARGV or 0 do
    local command = ARGV[i]
    if not redis.acl_check_cmd(command, command == 'PUBLISH' and ARGV[1] or KEYS[1]) then missing[#missing + 1] = command end
  end
  return missing`,
)

/** Runs a script without a look at the rights. */
type Run = (script: Script, keys: readonly string[], args: readonly string[]) => Promise<unknown>

/**
 * The rights of the user that we are. A script that lacks one ends where it needs it, and what it has done by then stays: jobs out of the line and
 * leased to nobody. So it is known beforehand, and such a script is not begun.
 */
export class Rights {
  readonly #run: Run
  readonly #namespace: string
  readonly #commands: readonly string[]
  #missing: ReadonlySet<string> = new Set()

  constructor(run: Run, namespace: string, scripts: readonly Script[]) {
    this.#run = run
    this.#namespace = namespace
    this.#commands = [...new Set(scripts.flatMap(({ commands }) => commands))]
  }

  /** Whether some script cannot be run. */
  get areMissing(): boolean {
    return this.#missing.size > 0
  }

  /** Asks the server. */
  async ask(): Promise<void> {
    const args = [`${this.#namespace}:wake:rights`, ...this.#commands]
    this.#missing = new Set((await this.#run(PROBE, [`{${this.#namespace}:rights}:jobs`], args)) as readonly string[])
  }

  /**
   * What was missing may have been given meanwhile, so then the server is asked again.
   * @throws BackendError `denied` when the script needs what is missing.
   */
  async check(each: Script): Promise<void> {
    if (this.#lackedBy(each).length > 0) await this.ask()
    const lacked = this.#lackedBy(each)
    if (lacked.length === 0) return
    const rights = lacked.map((command) =>
      command === 'PUBLISH' ? `+publish on the channels &${this.#namespace}:wake:*` : `+${command.toLowerCase()}`,
    )
    const problem = `the user lacks ${rights.join(' ')}; the guide lists the rights that jobport needs`
    throw new BackendError('denied', NAME, problem, { outcome: 'none' })
  }

  #lackedBy({ commands }: Script): readonly string[] {
    return commands.filter((command) => this.#missing.has(command))
  }
}
