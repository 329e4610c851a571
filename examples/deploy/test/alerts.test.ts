import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { locate } from '../../../scripts/services/locate.ts'
import { prometheus } from '../../../scripts/services/prometheus.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const redis = `${root}examples/deploy/prometheus/redis`
const rules = [`${root}packages/telemetry/prometheus/alerts.yml`, `${redis}.yml`]

interface Alert {
  readonly alert: string
  readonly annotations: Readonly<Record<string, string>>
}

const alerts = rules.flatMap((file) => {
  const { groups } = parse(readFileSync(file, 'utf8')) as { groups: readonly { rules: readonly Alert[] }[] }
  return groups.flatMap(({ rules }) => rules)
})

it('each alert about Redis fires when it should and is silent next to it', { timeout: 300_000 }, async () => {
  const found = await locate({ ...prometheus, binary: { name: 'promtool' } }, 0)
  if (!('binary' in found)) throw new Error('There is no promtool on this machine; it comes with Prometheus.')
  const { stdout } = await promisify(execFile)(found.binary, ['test', 'rules', `${redis}.test.yml`])
  expect(stdout).toContain('SUCCESS')
  const cases = readFileSync(`${redis}.test.yml`, 'utf8')
  for (const { alert } of alerts.filter(({ alert }) => alert.startsWith('Redis')))
    expect(cases.split(`alertname: ${alert}\n`)).toHaveLength(3)
})

describe('the runbook', () => {
  const runbook = readFileSync(`${root}docs/runbook.md`, 'utf8')
  const sections = runbook.split(/^## /m).slice(1)

  it.each(alerts.map(({ alert, annotations }) => [alert, annotations]))(
    'has a section for %s, to which the alert leads',
    (alert, annotations) => {
      const section = sections.find((each) => each.startsWith(`${alert}\n`))
      for (const part of ['**Means**', '**Look**', '**Do**']) expect(section).toContain(part)
      expect(annotations['runbook_url']).toBe(
        `https://github.com/jobport/jobport/blob/main/docs/runbook.md#${alert.toLowerCase()}`,
      )
    },
  )

  it('has no section for an alert that is no more', () => {
    const named = sections.map((each) => each.split('\n')[0]!).filter((title) => /^(Jobport|Redis)[A-Z]/.test(title))
    expect(named.toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted())
  })
})
