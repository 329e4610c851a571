import type { Ms } from '@jobport/core'
import type { MutantName } from '../mutants/mutants.ts'

/** Brokers have a Postgres store beside them. */
export const brokerNames = ['rabbitmq', 'sqs'] as const
/** They remember their jobs. */
export const statefulNames = ['sqlite', 'redis', 'postgres', ...brokerNames] as const
/** RabbitMQ without a store, with groups. It remembers nothing, so it is judged by what the processes wrote down. */
export const GROUPED = 'rabbitmq-groups'
export const backendNames = [...statefulNames, GROUPED] as const

export type BrokerName = (typeof brokerNames)[number]
export type StatefulName = (typeof statefulNames)[number]
export type BackendName = (typeof backendNames)[number]

export function isBroker(backend: BackendName): backend is BrokerName {
  return (brokerNames as readonly string[]).includes(backend)
}

/** What a run is to be like. */
export interface Setting {
  readonly backend: BackendName
  readonly seed: number
  readonly jobs: number
  readonly kills: number
  /** What is wrong on purpose with the backend that the processes use. */
  readonly mutant?: MutantName
  /** What the processes wrote down is kept, also when nothing is wrong with it. */
  readonly keep?: boolean
}

/** Short, so that many leases run out in a run of a few minutes. */
export const LEASE: Ms = 2_000
/** How long after the end of its lease a job may take to be claimable. */
export const LATEST: Ms = 1_000
/** From the fall of its holder until a job is claimable. With a broker one look of the relay lies between. */
export function latestRecovery(backend: BackendName): Ms {
  return LEASE + LATEST + (isBroker(backend) ? RELAY : 0)
}
export const MAX_CRASHES = 3
export const PRODUCERS = 2
export const WORKERS = 4
/** A broker's worker looks so often for jobs to send, and a sending that nobody confirms is done again so much later. */
export const RELAY: Ms = 1_000
export const GRACE: Ms = 2_000
/** Between two incidents, on average. The producers take their time accordingly. */
export const INTERVAL: Ms = 900
/** What is enough to notice that something is broken, and short enough for every test run. */
export const smoke = { jobs: 500, kills: 10 } as const
