import type { Mutant } from './mutant.ts'

export const pauseIgnored: Mutant = {
  name: 'pause ignored',
  does: 'gives out jobs of a paused queue',
  caughtBy: ['A11.28', 'A11.31', 'A11.35'],
  mutate: (backend) => ({ operate: { ...verbsOf(backend.operate!), pause: async () => {} } }),
}

export const newsTwice: Mutant = {
  name: 'news twice',
  does: 'tells watchers twice of a finished job',
  caughtBy: ['A16.1', 'A16.2', 'A16.9'],
  mutate: (backend) => ({
    inspect: {
      ...verbsOf(backend.inspect!),
      watch: (listener) =>
        backend.inspect!.watch((finished) => {
          listener(finished)
          listener(finished)
        }),
    },
  }),
}

export const redriveIgnored: Mutant = {
  name: 'redrive ignored',
  does: 'does not send dead jobs back to work',
  caughtBy: ['A11.13', 'A11.14', 'B2.12'],
  mutate: (backend) => ({ operate: { ...verbsOf(backend.operate!), retry: async (ids) => ids.map(() => false) } }),
}

/** The methods of an object as an object of functions. */
function verbsOf<T extends object>(target: T): T {
  const verbs: Record<string, unknown> = {}
  for (
    let at: object | null = target;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    for (const name of Object.getOwnPropertyNames(at)) {
      const value: unknown = Reflect.get(target, name)
      if (name !== 'constructor' && typeof value === 'function') verbs[name] ??= value.bind(target)
    }
  }
  return verbs as T
}
