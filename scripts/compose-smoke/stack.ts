import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const examples = fileURLToPath(new URL('../../examples/', import.meta.url))

/** Ports of the host that nobody else has, so that it disturbs nothing that runs. */
const PORTS = ['MEDIA', 'TASKER', 'GATEWAY', 'URL_CHECKER', 'MAILDEV', 'PROMETHEUS', 'GRAFANA']

/** A service may end while what it needs is not there yet, but not for ever. */
const MOST_RESTARTS = 5

interface Container {
  readonly Id: string
  readonly Name: string
  readonly RestartCount: number
  readonly Config: { readonly Labels: Readonly<Record<string, string>> }
  readonly State: {
    readonly Running: boolean
    readonly ExitCode: number
    readonly Health?: { readonly Status: string }
  }
}

/** The containers of some profiles of examples/compose.yaml, under a project name of their own. */
export class Stack {
  readonly #command: readonly string[]
  readonly #environment: NodeJS.ProcessEnv

  private constructor(compose: readonly string[], name: string, profiles: readonly string[], variables: object) {
    const chosen = profiles.flatMap((profile) => ['--profile', profile])
    this.#command = [...compose, '--project-name', `jobport-smoke-${name}`, ...chosen]
    const ports = Object.fromEntries(PORTS.map((port) => [`${port}_PORT`, '0']))
    this.#environment = { ...process.env, TAG: 'smoke', ...ports, ...variables }
  }

  static async open(name: string, profiles: readonly string[], variables: object = {}): Promise<Stack> {
    const version = await execute('docker', ['compose', 'version']).catch(() => undefined)
    return new Stack(version === undefined ? ['docker-compose'] : ['docker', 'compose'], name, profiles, variables)
  }

  /** What `docker compose ARGS` prints. */
  async compose(...args: readonly string[]): Promise<string> {
    const [program, ...first] = this.#command
    const options = { cwd: examples, env: this.#environment, maxBuffer: 64 * 1024 * 1024 }
    const { stdout } = await execute(program!, [...first, ...args], options).catch(
      (error: Error & { stderr: string }) => {
        throw new Error(`${args.join(' ')}: ${error.stderr.trim().split('\n').slice(-15).join('\n')}`, { cause: error })
      },
    )
    return stdout
  }

  /** Starts these services, or all of the profiles, and waits until those that have a healthcheck are healthy. */
  async up({ services = [], scale = {} }: { services?: readonly string[]; scale?: Record<string, number> } = {}) {
    const scales = Object.entries(scale).flatMap(([service, count]) => ['--scale', `${service}=${count}`])
    await this.compose('up', '--detach', '--no-build', ...scales, ...services)
    const deadline = Date.now() + 180_000
    for (;;) {
      const containers = await this.containers()
      const waiting = containers.filter(({ State }) => !isWell(State))
      if (waiting.length === 0) return
      const failing = containers.filter(({ RestartCount }) => RestartCount > MOST_RESTARTS)
      if (failing.length > 0) throw new Error(`ends again and again: ${failing.map(({ Name }) => Name).join(', ')}`)
      if (Date.now() > deadline) throw new Error(`not healthy: ${waiting.map(({ Name }) => Name).join(', ')}`)
      await sleep(500)
    }
  }

  /** Containers of a service, or of all, that run or ran. */
  async containers(...services: readonly string[]): Promise<readonly Container[]> {
    const ids = (await this.compose('ps', '--all', '--quiet', ...services)).trim().split('\n').filter(Boolean)
    if (ids.length === 0) return []
    const { stdout } = await execute('docker', ['inspect', ...ids], { maxBuffer: 64 * 1024 * 1024 })
    const containers = JSON.parse(stdout) as Container[]
    // Without those of `run`.
    return containers.filter(({ Config }) => Config.Labels['com.docker.compose.oneoff'] !== 'True')
  }

  /** SIGKILL to one container of the service. Answers its name. It stays down. */
  async kill(service: string): Promise<string> {
    const victim = (await this.containers(service)).find(({ State }) => State.Running)
    if (victim === undefined) throw new Error(`no container of ${service} runs`)
    await execute('docker', ['kill', victim.Id])
    return victim.Name.replace(/^\//, '')
  }

  /** Where a port of a service is on the host. */
  async url(service: string, port: number, scheme = 'http'): Promise<string> {
    return `${scheme}://${(await this.compose('port', service, `${port}`)).trim()}`
  }

  async down(): Promise<void> {
    await this.compose('down', '--volumes', '--remove-orphans', '--timeout', '45')
  }
}

function isWell({ Running, Health }: Container['State']): boolean {
  return Running && (Health === undefined || Health.Status === 'healthy')
}

/** Whether an image is here or can be pulled. */
export async function canHave(image: string): Promise<boolean> {
  return (await succeeds('image', 'inspect', image)) || succeeds('pull', '--quiet', image)
}

function succeeds(...args: readonly string[]): Promise<boolean> {
  return execute('docker', args).then(
    () => true,
    () => false,
  )
}
