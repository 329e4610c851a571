import type { FullBackend } from '../server/endpoint.ts'

/** The same backend but for some verbs. Its methods find their private state. */
export function changed(
  backend: FullBackend,
  changes: { readonly [Verb in keyof FullBackend]?: FullBackend[Verb] | undefined },
): FullBackend {
  return new Proxy(backend, {
    get(target, key) {
      if (key in changes) return changes[key as keyof FullBackend]
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
