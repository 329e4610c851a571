import { BackendError } from '@jobport/core/adapter'
import type { Keys } from '../keys.ts'
import { NAME } from '../limits.ts'
import { script, type Script } from '../scripts/script.ts'

/**
 * KEYS: the jobs of a queue. ARGV: a channel, how many keys a queue has, these, then commands. Answers '1' if the user may write all of the keys, then which
 * of the commands it may not run. Servers older than Redis 7 cannot tell: not of the keys, and of no command.
 */
const PROBE = script(
  'rights',
  `local MOST = 5 -- words of a call, of which no command that we use needs more
  if not redis.acl_check_cmd then return { '0' } end
  -- Redis 8 refuses a call that could not be made; others ask for no more than the key.
  local function may(command, key)
    local call = { command, key }
    while #call <= MOST do
      local is_whole, answer = pcall(redis.acl_check_cmd, unpack(call))
      if is_whole then return answer end
      call[#call + 1] = ''
    end
    local is_whole, answer = pcall(redis.acl_check_cmd, command)
    return is_whole and answer
  end
  local answer, keys = { '1' }, tonumber(ARGV[2])
  for i = 3, 2 + keys do
    if not may('SADD', ARGV[i]) then answer[1] = '0' end
  end
  for i = 3 + keys, #ARGV do
    local command = ARGV[i]
    if not may(command, command == 'PUBLISH' and ARGV[1] or KEYS[1]) then answer[#answer + 1] = command end
  end
  return answer`,
)

/** Runs a script without a look at the rights. */
type Run = (script: Script, keys: readonly string[], args: readonly string[]) => Promise<unknown>

/**
 * The rights of the user that we are. A script that lacks one ends where it needs it, and what it has done by then stays: jobs out of the line and
 * leased to nobody. So it is known beforehand, and such a script is not begun.
 */
export class Rights {
  readonly #run: Run
  readonly #keys: Keys
  readonly #commands: readonly string[]
  #missing: ReadonlySet<string> = new Set()
  #hasAllKeys = false

  constructor(run: Run, keys: Keys, scripts: readonly Script[]) {
    this.#run = run
    this.#keys = keys
    this.#commands = [...new Set(scripts.flatMap(({ commands }) => commands))]
  }

  /** Whether some script cannot be run. */
  get areMissing(): boolean {
    return this.#missing.size > 0
  }

  /** Whether a script may be run that uses other keys of a queue than those that come with it. */
  hasAllFor(each: Script): boolean {
    return this.#hasAllKeys && this.#lackedBy(each).length === 0
  }

  /** Asks the server. */
  async ask(): Promise<void> {
    const { all } = this.#keys.of('rights')
    const args = [this.#keys.wakeChannel('rights'), `${all.length}`, ...all, ...this.#commands]
    const [hasAll, ...missing] = (await this.#run(PROBE, all.slice(0, 1), args)) as readonly string[]
    this.#hasAllKeys = hasAll === '1'
    this.#missing = new Set(missing)
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
      command === 'PUBLISH' ? `+publish on the channels &${this.#keys.namespace}:wake:*` : `+${command.toLowerCase()}`,
    )
    const problem = `the user lacks ${rights.join(' ')}; the guide lists the rights that jobport needs`
    throw new BackendError('denied', NAME, problem, { outcome: 'none' })
  }

  #lackedBy({ commands }: Script): readonly string[] {
    return commands.filter((command) => this.#missing.has(command))
  }
}
