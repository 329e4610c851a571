/** The same object but for some members. Its methods find their private state. */
export function changed<Target extends object>(
  target: Target,
  changes: { readonly [Key in keyof Target]?: Target[Key] | undefined },
): Target {
  const bound = new Map<PropertyKey, unknown>()
  return new Proxy(target, {
    get(_, key) {
      if (key in changes) return changes[key as keyof Target]
      if (bound.has(key)) return bound.get(key)
      const value: unknown = Reflect.get(target, key, target)
      const member: unknown = typeof value === 'function' ? value.bind(target) : value
      bound.set(key, member)
      return member
    },
  })
}
