import { Registry, type Metric } from 'prom-client'
import { FAMILIES, type FamilyName, type Sample } from './families.ts'
import type { Metrics } from './metrics.ts'

/** Every process of a cluster asks the same backend for the same queues, and several may know of one group. */
const LARGEST = /^jobport_(queue|backend|group)_/

interface Line {
  readonly metricName?: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

/**
 * Adds the metrics to a registry of prom-client; without one, to a new one. A registry can also hold what the application counts itself, and
 * `collectDefaultMetrics` of prom-client.
 */
export function registerMetrics(metrics: Metrics, registry: Registry = new Registry()): Registry {
  for (const family of Object.keys(FAMILIES) as FamilyName[]) {
    registry.registerMetric(new Collected(family, metrics) as unknown as Metric)
  }
  return registry
}

/** As the metrics of prom-client look to a registry, but counted elsewhere: prom-client takes longer for one value than a job may. */
class Collected {
  /** The registry shortens it for OpenMetrics. */
  name: string
  readonly help: string
  readonly type: string
  readonly aggregator: string
  readonly #family: FamilyName
  readonly #metrics: Metrics

  constructor(family: FamilyName, metrics: Metrics) {
    const [type, help] = FAMILIES[family]
    this.#family = family
    this.#metrics = metrics
    this.name = family
    this.help = help
    this.type = type
    this.aggregator = LARGEST.test(family) ? 'max' : 'sum'
  }

  async get(): Promise<object> {
    const samples = await this.#metrics.read()
    const values = samples.filter(({ family }) => family === this.#family).flatMap(toLines)
    return { name: this.name, help: this.help, type: this.type, aggregator: this.aggregator, values }
  }

  /** Counters never go back. */
  reset(): void {}
}

function toLines({ family, labels, value }: Sample): readonly Line[] {
  if (typeof value === 'number') return [{ labels, value }]
  return [
    ...value.buckets.map(({ le, count }): Line => {
      return { metricName: `${family}_bucket`, labels: { ...labels, le: le === Infinity ? '+Inf' : le }, value: count }
    }),
    { metricName: `${family}_sum`, labels, value: value.sum },
    { metricName: `${family}_count`, labels, value: value.count },
  ]
}
