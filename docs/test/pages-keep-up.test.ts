import { amqpBackend } from '@jobport/amqp-adapter'
import { annex, chapters } from '@jobport/conformance'
import * as core from '@jobport/core'
import { postgresStore } from '@jobport/postgres-adapter'
import { redisStore } from '@jobport/redis-adapter'
import { sqliteStore } from '@jobport/sqlite-adapter'
import { sqsBackend } from '@jobport/sqs-adapter'
import { readFileSync, readdirSync } from 'node:fs'
import { expect, it } from 'vitest'

const page = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')

it('the guarantees name cases that exist', () => {
  const cited = page('guarantees.md').match(/\b[A-Z]\d+\.\d+\b/g) ?? []
  const known = new Set(chapters.flatMap(({ cases }) => cases.map(({ id }) => id)))
  expect(cited.length).toBeGreaterThan(30)
  expect(cited.filter((id) => !known.has(id))).toEqual([])
})

it('every error class has a section, and nothing else has', () => {
  const classes = Object.keys(core).filter((name) => /^[A-Z]\w*Error$/.test(name) && name !== 'JobportError')
  const sections = [...page('guides/errors.md').matchAll(/^### (\w+)$/gm)].map(([, name]) => name)
  expect(new Set(sections)).toEqual(new Set(classes))
})

it('every decision is in the index', () => {
  const files = readdirSync(new URL('../decisions', import.meta.url)).filter((name) => /^\d/.test(name))
  const linked = [...page('decisions/index.md').matchAll(/\.\/(\d{4}-[\w-]+)/g)].map(([, name]) => `${name}.md`)
  expect(new Set(linked)).toEqual(new Set(files))
})

const STORED = 'Brokers with a store'

/** None is opened: they say what they can do before. */
const brokers = { amqp: () => amqpBackend({ url: 'amqp://localhost' }), sqs: () => sqsBackend() }
const stores = {
  postgres: () => postgresStore({ url: 'postgres://localhost/jobs' }),
  redis: () => redisStore({ url: 'redis://localhost' }),
  sqlite: () => sqliteStore({ file: 'jobs.db' }),
}

/** The suite is run on them by the long tests alone, which write the section. */
it('brokers with a store can do what the capabilities say', () => {
  const columns = Object.entries(brokers).flatMap(([broker, openBroker]) =>
    Object.entries(stores).map(([store, openStore]) => {
      const { features, limits } = core.withStore<any>(openBroker(), openStore())
      return { backend: `${broker} with ${store}`, features, limits, results: new Map() }
    }),
  )
  const [featuresAndLimits] = annex(STORED, columns).split('### Cases')
  expect(page('capabilities.md')).toContain(featuresAndLimits)
})

it('no case of the suite is missing in what the capabilities count of brokers with a store', () => {
  const [, section = ''] = page('capabilities.md').split(`\n## ${STORED}\n`)
  const counted = chapters.map(({ id, title }) => {
    const [, row = ''] = section.split(`\n| ${id} ${title} | `)
    const cells = row.split('\n')[0]!.split('|').slice(0, -1)
    return [id, ...cells.map((cell) => cell.split('+').reduce((sum, count) => sum + Number(count), 0))]
  })
  expect(counted).toEqual(chapters.map(({ id, cases }) => [id, ...Array<number>(6).fill(cases.length)]))
})
