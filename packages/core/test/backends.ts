import type { Backend, Features } from '@jobport/core'

type Verbs = Pick<Backend, 'open' | 'enqueue' | 'claim' | 'settle' | 'extend' | 'exchange'>

/** A backend some of whose verbs are replaced. */
export function replaced<F extends Features, Tx>(
  inner: Backend<F, Tx>,
  replace: (inner: Backend<F, Tx>) => Partial<Verbs>,
): Backend<F, Tx> {
  const verbs = replace(inner)
  return new Proxy(inner, {
    get(target, key) {
      if (key in verbs) return verbs[key as keyof Verbs]
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value
    },
  })
}
