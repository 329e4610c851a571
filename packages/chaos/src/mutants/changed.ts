import type { Backend } from '@jobport/core/adapter'

/** The same backend but for some verbs. Its methods find their private state. */
export function changed(
  backend: Backend,
  changes: { readonly [Verb in keyof Backend]?: Backend[Verb] | undefined },
): Backend {
  return new Proxy(backend, {
    get(target, key) {
      if (key in changes) return changes[key as keyof Backend]
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
