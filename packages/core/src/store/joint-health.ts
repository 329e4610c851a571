import type { Health } from '../contract/backend.ts'

const BEST_FIRST = ['replicated', 'fsync', 'async', 'none'] as const satisfies readonly Health['durability'][]

/** A job needs both: its state survives what the store does, and its being run what the broker does. */
export function jointHealth(broker: Health, store: Health): Health {
  const durability = BEST_FIRST[Math.max(...[broker, store].map((each) => BEST_FIRST.indexOf(each.durability)))]!
  const versions = [broker, store].flatMap(({ version }) => version ?? [])
  return {
    reachable: broker.reachable && store.reachable,
    durability,
    warnings: [...broker.warnings, ...store.warnings],
    ...(versions.length === 0 ? {} : { version: versions.join(', ') }),
  }
}
