import { common, flag, list, number, port, readConfiguration, url, type Variables } from '@jobport/example-service'
import { AddressGuard } from '@jobport/notifier'
import { z } from 'zod'

const shared = {
  ...common,
  AMQP_URL: url('where RabbitMQ is', 'amqp:', 'amqps:'),
  POSTGRES_URL: url('where Postgres is', 'postgres:', 'postgresql:'),
  NAMESPACE: z
    .string()
    .regex(/^[a-z][a-z\d_]{0,29}$/, 'must be a name of 1 to 30 of a-z, 0-9 and _')
    .default('url_checker'),
  RECOVERY_SECONDS: number('after how long the checks of a process that died are taken up again', {
    from: 1,
    to: 600,
  }).default(30),
  ALLOWED_ADDRESSES: list('addresses and networks that may be requested although they are not public')
    .refine(areNetworks, 'must be addresses or networks such as 10.1.0.0/16, between commas')
    .default([]),
} as const

const secretKey = z
  .string()
  .min(32, 'must have 32 characters or more')
  .describe('what signs the tokens of those who may submit')

const servers = { AMQP_URL: 'amqp://localhost', POSTGRES_URL: 'postgres://postgres@localhost/postgres' }
const developmentKey = { SECRET_KEY: 'known to everybody, good for development alone' }

/** Of the page and its API. */
export function apiConfiguration(variables?: Variables) {
  return readConfiguration(
    {
      ...shared,
      PORT: port(3_000),
      SECRET_KEY: secretKey,
      REQUIRE_TOKEN: flag('whether only who has a token may submit').default(true),
      PAGE_FOLDER: z.string().optional(),
    },
    {
      defaults: { development: { ...servers, ...developmentKey, REQUIRE_TOKEN: 'false' } },
      ...(variables && { variables }),
    },
  )
}

/** Of what checks. */
export function checkerConfiguration(variables?: Variables) {
  return readConfiguration(
    {
      ...shared,
      PORT: port(9_464),
      CONCURRENCY: number('how many URLs are checked at a time', { from: 1, to: 1_000 }).default(20),
      CHECK_TIMEOUT_SECONDS: number('how long one check may take', { from: 1, to: 120 }).default(30),
      SITE_RETRIES: number('how often a site that does not answer is asked again', { from: 0, to: 5 }).default(2),
      KEEP_DAYS: number('how long a check stays in the table', { from: 1, to: 3_650 }).default(30),
    },
    { defaults: { development: servers }, ...(variables && { variables }) },
  )
}

/** What both have. */
export type SharedConfiguration = Pick<ReturnType<typeof checkerConfiguration>, keyof typeof shared | 'APP_ENV'>

/** Of what makes tokens. */
export function tokenConfiguration() {
  return readConfiguration({ SECRET_KEY: secretKey }, { defaults: { development: developmentKey } })
}

function areNetworks(networks: readonly string[]): boolean {
  try {
    return new AddressGuard(networks) instanceof AddressGuard
  } catch {
    return false
  }
}
