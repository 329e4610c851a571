import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Binary, Command, Service } from './service.ts'

const execute = promisify(execFile)

/** A program on this machine, or the command that runs the server in a container. */
export type Found = { readonly binary: string } | { readonly run: Command }

/** Finds the server: a program on this machine, else its Debian package where we may install it, else Docker. */
export async function locate(service: Service, port: number): Promise<Found> {
  const failures: string[] = []
  const program = await findOrInstall(service, (failure) => failures.push(failure))
  if (program !== undefined) return { binary: program }
  if (service.docker !== undefined && (await hasDocker())) return { run: container(service, service.docker, port) }
  const advice = [`Install it, start Docker, or set ${service.variable} to the address of one that runs.`]
  throw new Error([`There is no ${service.binary.name} on this machine.`, ...failures, ...advice].join('\n'))
}

/** A program that is on this machine, or that its Debian package brought where we may install it. `failed` hears why it did not. */
export async function findOrInstall(
  { binary, debian }: Pick<Service, 'binary' | 'debian'>,
  failed: (why: string) => void,
): Promise<string | undefined> {
  const present = find(binary)
  if (present !== undefined || debian === undefined || !mayInstall()) return present
  const failure = await install(debian)
  const installed = find(binary)
  if (installed === undefined)
    failed(`The Debian package ${debian} did not bring it: ${failure ?? 'no such program in it'}`)
  return installed
}

/** A program in the folders that JOBPORT_SERVERS names, in its own or on the PATH. */
export function find({ name, others = [], folders = [] }: Binary): string | undefined {
  const [chosen, path] = [process.env['JOBPORT_SERVERS'], process.env['PATH']].map(
    (list) => list?.split(delimiter) ?? [],
  )
  return [...chosen!, ...folders, ...path!]
    .flatMap((folder) => [name, ...others].map((each) => join(folder, each)))
    .find(isProgram)
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, file.endsWith('.js') ? constants.R_OK : constants.X_OK)
    return true
  } catch {
    return false
  }
}

function mayInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
}

/** Installs a Debian package; resolves to what went wrong, if anything did. */
async function install(name: string): Promise<string | undefined> {
  const script = fileURLToPath(new URL('install.sh', import.meta.url))
  return execute('sh', [script, name]).then(
    () => undefined,
    (error: Error) => error.message.trim().split('\n').slice(-5).join('\n'),
  )
}

async function hasDocker(): Promise<boolean> {
  return execute('docker', ['info']).then(
    () => true,
    () => false,
  )
}

function container(service: Service, docker: NonNullable<Service['docker']>, port: number): Command {
  const name = `jobport-${service.name}-${process.pid}-${port}`
  const publish = `127.0.0.1:${port}:${docker.port}`
  return {
    command: 'docker',
    args: ['run', '--rm', '--name', name, '--publish', publish, ...(docker.arguments ?? []), docker.image],
  }
}
