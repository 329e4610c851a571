import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Outcome, Reply, Task } from './task.ts'

/** A round that takes longer hangs. */
const TIMEOUT = 10 * 60_000

const program = new URL('./child.ts', import.meta.url)

/** Runs a task in a fresh process, in an empty folder. Rejects with what went wrong there. */
export async function runTask(task: Omit<Task, 'directory'>, env: Readonly<Record<string, string>>): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), 'jobport-bench-'))
  const remove = (): void => rmSync(directory, { recursive: true, force: true })
  process.once('exit', remove)
  try {
    return await inChild({ ...task, directory }, env)
  } finally {
    process.off('exit', remove)
    remove()
  }
}

function inChild(task: Task, env: Readonly<Record<string, string>>): Promise<Outcome> {
  const child = fork(program, {
    // A developer's NODE_OPTIONS must not bend the figures.
    env: { ...process.env, ...env, NODE_OPTIONS: '' },
    // What this process was started with says how packages are found.
    execArgv: [...process.execArgv, '--expose-gc', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    timeout: TIMEOUT,
    killSignal: 'SIGKILL',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += String(text)))
  return new Promise((resolve, reject) => {
    let reply: Reply | undefined
    child.on('message', (message) => (reply = message as Reply))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (reply !== undefined && 'outcome' in reply) return resolve(reply.outcome)
      const reason = reply?.error ?? `its process ended early (${signal ?? `status ${code}`})`
      reject(new Error(`${task.scenario} on ${task.system} failed: ${reason}${output && `\n${output.trim()}`}`))
    })
    child.send(task)
  })
}
