import { spawn } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { root } from './paths.mjs'

/**
 * The Node that builds, tests and runs: the workspace's own, whatever the machine has.
 * `JOBPORT_NODE` names another one, so that CI can test on several versions.
 */
export const node =
  process.env.JOBPORT_NODE || join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** The environment in which that Node, and the workspace's tools, come first. */
export function environment() {
  const path = [dirname(node), join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter)
  return { ...process.env, PATH: path }
}

/**
 * The script of a tool that is installed in the workspace, to be run by `node` without a shell between.
 * @param {string} path
 */
export function tool(path) {
  return join(root, 'node_modules', path)
}

/**
 * Goes on as another program. Where Node can, this process becomes that program, so signals, exit status and parent
 * are its own; else it waits beside it and passes them on.
 * @param {readonly string[]} args what Node is called with
 */
export function become(args) {
  if (process.execve && process.platform !== 'win32') process.execve(node, [node, ...args], environment())
  const child = spawn(node, args, { stdio: 'inherit', env: environment() })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => child.kill(signal))
  }
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)))
}
