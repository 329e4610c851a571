import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../test/program.ts'
import { readProcessorConfiguration, readProducerConfiguration } from './configuration.ts'

const everywhere = {
  REDIS_URL: 'rediss://redis.example.org',
  MEDIA_DIR: '/media',
  PUBLIC_URL: 'https://media.example.org',
}
const delivery = { SMTP_URL: 'smtps://mail.example.org', MAIL_FROM: 'media@example.org', ADMIN_EMAILS: 'a@example.org' }

describe('the configuration', () => {
  it('is complete in development', () => {
    expect(readProducerConfiguration({})).toMatchObject({ OPEN_SIGN_IN: true, LOG_LEVEL: 'info', PORT: 3_000 })
    expect(readProcessorConfiguration({})).toMatchObject({ CONCURRENCY: 1, PORT: 9_464 })
  })

  it.each(['staging', 'production'])('is asked for in %s, all of it at once', (APP_ENV) => {
    expect(() => readProducerConfiguration({ APP_ENV })).toThrow(/REDIS_URL[^]*MEDIA_DIR[^]*PUBLIC_URL[^]*TOKEN_SECRET/)
    expect(() => readProcessorConfiguration({ APP_ENV })).toThrow(/REDIS_URL[^]*SMTP_URL[^]*MAIL_FROM[^]*ADMIN_EMAILS/)
  })

  it('lets nobody sign in under any name in production, and talks more in staging', () => {
    const given = { ...everywhere, TOKEN_SECRET: 'x'.repeat(32) }
    expect(readProducerConfiguration({ ...given, APP_ENV: 'production' })).toMatchObject({
      OPEN_SIGN_IN: false,
      LOG_LEVEL: 'info',
    })
    expect(readProducerConfiguration({ ...given, APP_ENV: 'staging' }).LOG_LEVEL).toBe('debug')
  })

  it('takes secrets from files', () => {
    const file = join(temporaryFolder(), 'secret')
    writeFileSync(file, 'smtp://ada:secret@mail.example.org\n')
    const { SMTP_URL, ...rest } = delivery
    expect(SMTP_URL).toBeDefined()
    const given = { ...everywhere, ...rest, APP_ENV: 'production', SMTP_URL_FILE: file }
    expect(readProcessorConfiguration(given).delivery?.SMTP_URL).toBe('smtp://ada:secret@mail.example.org')
  })

  it('asks only those for the secrets of delivery who deliver', () => {
    const given = { ...everywhere, APP_ENV: 'production' }
    expect(readProcessorConfiguration({ ...given, ROLES: 'images,links' })).toMatchObject({
      ROLES: ['images', 'links'],
      delivery: undefined,
    })
    expect(() => readProcessorConfiguration({ ...given, ROLES: 'images,notifications' })).toThrow('SMTP_URL')
    expect(() => readProcessorConfiguration({ ...given, ROLES: 'pictures' })).toThrow(/ROLES +must be some of images/)
  })
})
