import { existsSync, readFileSync } from 'node:fs'

/** Who runs a program that refuses to run as root: the user called postgres, as Debian's package and everybody's habit have it. Nobody else than we when we are not root. */
export function unprivileged(program: string): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0 || !existsSync('/etc/passwd')) return undefined
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith('postgres:'))
  if (line === undefined) throw new Error(`${program} does not run as root. Add a user called postgres.`)
  const [, , uid, gid] = line.split(':')
  return { uid: Number(uid), gid: Number(gid) }
}
