import { readConfiguration, common, flag, list, number, port, url, type Variables } from '@jobport/example-service'
import { z } from 'zod'

const MEGABYTE = 1024 * 1024

/** What producer and processor both read. */
const shared = {
  ...common,
  REDIS_URL: url('where the jobs are', 'redis:', 'rediss:'),
  NAMESPACE: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,40}$/, 'must be 1 to 40 of A-Z a-z 0-9 . _ -')
    .default('media'),
  MEDIA_DIR: z.string().describe('the directory of the files, the same for all producers and processors'),
  MAX_MEGABYTES: number('the largest file, in megabytes', { from: 1, to: 100_000 })
    .default(200)
    .transform((megabytes) => megabytes * MEGABYTE),
  FETCH_ALLOW: list('addresses and networks that links may lead to although they are not public').default([]),
  PUBLIC_URL: url('where users find the page', 'http:', 'https:'),
}

const tokens = {
  TOKEN_SECRET: z
    .string()
    .min(32, 'must have 32 characters or more')
    .describe('what applications sign the tokens of their users with'),
}

const producer = {
  ...shared,
  ...tokens,
  PORT: port(3_000),
  OPEN_SIGN_IN: flag('whether everybody may sign in at the page under any name').default(false),
  MAX_WAITING: number('how many jobs of a queue may wait before submissions are refused', {
    from: 1,
    to: 10_000_000,
  }).default(20_000),
}

export const ROLES = ['images', 'videos', 'links', 'notifications'] as const
export type Role = (typeof ROLES)[number]

const processor = {
  ...shared,
  PORT: port(9_464),
  ROLES: list('what this process does')
    .pipe(z.array(z.enum(ROLES, `must be some of ${ROLES.join(', ')}`)))
    .default([...ROLES]),
  CONCURRENCY: number('how many items are worked on at a time; each takes a core', { from: 1, to: 256 }).default(1),
  LEASE_SECONDS: number('after how long the items of a dead processor go on elsewhere', { from: 1, to: 600 }).default(
    15,
  ),
  FFMPEG_THREADS: number('threads for one video', { from: 1, to: 64 }).default(1),
}

/** Only who delivers has the secrets for it. */
const notifications = {
  SMTP_URL: url('the mail server', 'smtp:', 'smtps:'),
  MAIL_FROM: z
    .string()
    .regex(/@/, 'must be an address such as Media <media@example.org>')
    .describe('who mails are from'),
  ADMIN_EMAILS: list('who is told of what has failed for good').pipe(
    z.array(z.email('must be email addresses between commas')),
  ),
  SLACK_URL: url('an incoming webhook of Slack or its like, for the administrators', 'http:', 'https:').optional(),
  SLACK_ALLOW: list('addresses and networks where the webhook may be although they are not public').default([]),
}

const defaults = {
  development: {
    REDIS_URL: 'redis://localhost:6379',
    MEDIA_DIR: 'work/media',
    PUBLIC_URL: 'http://localhost:3000',
    TOKEN_SECRET: 'only for development, and known to all',
    OPEN_SIGN_IN: 'true',
    SMTP_URL: 'smtp://localhost:1025',
    MAIL_FROM: 'Media <media@localhost.localdomain>',
    ADMIN_EMAILS: 'admins@localhost.localdomain',
  },
  // Nearer to production, and more talkative.
  staging: { LOG_LEVEL: 'debug' },
}

/** @throws ConfigurationError */
export function readProducerConfiguration(variables: Variables = process.env) {
  return readConfiguration(producer, { defaults, variables })
}

/** @throws ConfigurationError */
export function readProcessorConfiguration(variables: Variables = process.env) {
  const options = { defaults, variables }
  const delivers = (variables['ROLES'] ?? '') === '' || variables['ROLES']!.includes('notifications')
  if (!delivers) return { ...readConfiguration(processor, options), delivery: undefined }
  const { SMTP_URL, MAIL_FROM, ADMIN_EMAILS, SLACK_URL, SLACK_ALLOW, ...rest } = readConfiguration(
    { ...processor, ...notifications },
    options,
  )
  return { ...rest, delivery: { SMTP_URL, MAIL_FROM, ADMIN_EMAILS, SLACK_URL, SLACK_ALLOW } }
}

/** For who speaks to the producer. @throws ConfigurationError */
export function readTokenSecret(variables: Variables = process.env): string {
  return readConfiguration(tokens, { defaults, variables }).TOKEN_SECRET
}
