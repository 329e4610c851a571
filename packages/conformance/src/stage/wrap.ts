import type { Backend } from '@jobport/core/adapter'

/** The same backend with some members replaced. Everything else goes to the original. */
export function wrap(backend: Backend, members: Partial<Backend>): Backend {
  return new Proxy(backend, {
    get(target, member) {
      if (Object.hasOwn(members, member)) return members[member as keyof Backend]
      const value: unknown = Reflect.get(target, member, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
    has: (target, member) =>
      Object.hasOwn(members, member) ? members[member as keyof Backend] !== undefined : member in target,
  })
}

export interface Counted {
  readonly backend: Backend
  /** Calls so far, by verb. */
  readonly calls: Readonly<Record<string, number>>
}

const VERBS = ['enqueue', 'claim', 'settle', 'extend', 'exchange', 'report'] as const

/** The same backend, with its calls counted. */
export function counted(backend: Backend): Counted {
  const calls: Record<string, number> = {}
  const members: Record<string, unknown> = {}
  for (const verb of VERBS) {
    const call = backend[verb] as ((...given: unknown[]) => unknown) | undefined
    calls[verb] = 0
    if (call === undefined) continue
    members[verb] = (...given: unknown[]) => {
      calls[verb]!++
      return call.apply(backend, given)
    }
  }
  return { backend: wrap(backend, members as Partial<Backend>), calls }
}
