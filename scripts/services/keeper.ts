// The process that owns the servers. It starts them as it is told over its channel, and when the channel closes,
// because its parent is done or because it was killed, it stops them and removes their folder. There is no
// other way to stop, so the way that must never fail is the one that always runs.
import { type ChildProcess, spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from './service.ts'

export type Order = {
  readonly id: number
  readonly start: Command
  readonly stop: NodeJS.Signals
  readonly log: string
}
export type Report = { readonly id: number } & ({ readonly pid: number } | { readonly ended: string })

const folder = process.argv[2]
if (folder === undefined || process.send === undefined) throw new Error('keeper.ts is started by start-services.ts.')

const patience = 10_000
const children = new Map<ChildProcess, NodeJS.Signals>()

// Whoever presses Ctrl-C or stops the parent means the parent; it closes the channel when it is ready.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.on('message', (order: Order) => start(order))
process.on('disconnect', () => void stop())

function start({ id, start: { command, args, env, uid, gid }, stop, log }: Order): void {
  const output = openSync(log, 'a')
  const child = spawn(command, args, {
    cwd: folder,
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output],
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  })
  children.set(child, stop)
  child.on('spawn', () => report({ id, pid: child.pid! }))
  child.on('error', (error) => ended(error.message))
  child.on('exit', (code, signal) => ended(signal === null ? `it exited with status ${code}` : `it died of ${signal}`))

  function ended(how: string): void {
    if (children.delete(child)) report({ id, ended: how })
  }
}

function report(message: Report): void {
  // Whoever started us may be gone before it is noticed; without somebody to tell, that would end this process before its servers.
  if (process.connected) process.send?.(message, () => {})
}

async function stop(): Promise<void> {
  // The last started may need the first, so they go in reverse.
  for (const [child, politely] of [...children].toReversed()) {
    signal(child, politely)
    if (!(await gone(child, patience))) signal(child, 'SIGKILL')
    await gone(child, patience)
  }
  await rm(folder!, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  process.exit(0)
}

async function gone(child: ChildProcess, within: number): Promise<boolean> {
  for (let waited = 0; children.has(child) && waited < within; waited += 20) await sleep(20)
  return !children.has(child)
}

/** Each server leads a process group, so what it started goes with it. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(name === 'SIGKILL' ? -child.pid : child.pid, name)
  } catch {
    // It has ended in between.
  }
}
