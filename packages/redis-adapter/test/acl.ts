import { readFileSync } from 'node:fs'
import type { Redis } from 'ioredis'

const guide = readFileSync(new URL('../../../docs/guides/redis.md', import.meta.url), 'utf8')

/** The users that the guide tells to make. */
export type Role = 'worker' | 'producer'

/** The rules of the guide for a user, in a namespace. */
export function rulesOf(role: Role, namespace: string): string[] {
  const command = new RegExp(`^ACL SETUSER jobport-${role} on >PASSWORD([^]*?)^\`\`\``, 'm').exec(guide)
  if (command === null) throw new Error(`docs/guides/redis.md has no ACL SETUSER for jobport-${role}`)
  return command[1]!.replaceAll('jobport:', `${namespace}:`).trim().split(/\s+/)
}

/** Makes a user with these rules, and answers the URL to connect as it. */
export async function makeUser(admin: Redis, url: string, user: string, rules: readonly string[]): Promise<string> {
  try {
    await admin.acl('SETUSER', user, 'reset', 'on', '>secret', ...rules)
  } catch (cause) {
    throw new Error(`${admin.options.host} must let the tests make users, to prove what rights jobport needs`, {
      cause,
    })
  }
  const own = new URL(url)
  own.username = user
  own.password = 'secret'
  return own.href
}
