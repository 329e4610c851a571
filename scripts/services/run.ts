// pnpm services NAME… [-- COMMAND ARGUMENT…]: runs a command with servers, or lends them until it is stopped.
import { spawn } from 'node:child_process'
import { type ServiceName, serviceNames, startServices } from './start-services.ts'

const words = process.argv.slice(2)
const end = words.indexOf('--')
const names = end === -1 ? words : words.slice(0, end)
const [command, ...args] = end === -1 ? [] : words.slice(end + 1)

if (names.length === 0 || !names.every(isService)) {
  console.error(`Usage: pnpm services NAME… [-- COMMAND ARGUMENT…]\nNAME is one of ${serviceNames.join(', ')}.`)
  process.exit(2)
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const services = await startServices(names).catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})
process.exitCode = command === undefined ? await lend() : await run(command)
await services.stop()

async function lend(): Promise<number> {
  for (const [variable, url] of Object.entries(services.env)) console.log(`${variable}=${url}`)
  const alive = setInterval(() => {}, 60_000)
  await new Promise<void>((resolve) => signals.forEach((signal) => process.once(signal, () => resolve())))
  clearInterval(alive)
  return 0
}

function run(program: string): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...services.env } })
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(error.message)
      resolve(127)
    })
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

function isService(name: string): name is ServiceName {
  return (serviceNames as string[]).includes(name)
}
