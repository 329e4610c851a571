import type { Drive } from '../drive.ts'
import { expect, json, until } from '../expectations.ts'
import { canHave } from '../stack.ts'

const GRAFANA = 'grafana/grafana:12.3.0'

interface Vector {
  readonly data: {
    readonly result: readonly { readonly metric: Readonly<Record<string, string>>; readonly value: [number, string] }[]
  }
}

interface Targets {
  readonly data: {
    readonly activeTargets: readonly {
      readonly labels: Readonly<Record<string, string>>
      readonly health: string
      readonly lastError: string
    }[]
  }
}

interface Rules {
  readonly data: {
    readonly groups: readonly {
      readonly rules: readonly { readonly name: string; readonly health: string; readonly state: string }[]
    }[]
  }
}

/** Media is what is monitored here. */
export const monitoring: Drive = {
  name: 'monitoring',
  profiles: ['media', 'monitoring'],
  builds: ['producer'],

  async run(stack, step) {
    const grafana = await canHave(GRAFANA)
    const services = ['producer', 'processor', 'notifier', 'redis', 'maildev', 'prometheus', 'redis-exporter']
    await step(`up${grafana ? '' : `; without Grafana, whose image cannot be had here`}`, () =>
      stack.up({ services: grafana ? [...services, 'grafana'] : services, scale: { processor: 3 } }),
    )
    const base = await stack.url('prometheus', 9_090)
    const ask = async (query: string) =>
      (await json<Vector>(`${base}/api/v1/query?query=${encodeURIComponent(query)}`)).body.data.result

    await step('Prometheus finds every container by the name of its service', () =>
      until('the targets', async () => {
        const { activeTargets } = (await json<Targets>(`${base}/api/v1/targets`)).body.data
        const count = (label: string, value: string) =>
          activeTargets.filter(({ labels, health }) => labels[label] === value && health === 'up').length
        const found = [
          count('service', 'producer'),
          count('service', 'processor'),
          count('service', 'notifier'),
          count('job', 'redis'),
        ]
        return found.join() === '1,3,1,1' ? '1 producer, 3 processors, 1 notifier, Redis' : undefined
      }),
    )
    await step('all rules are loaded and can be evaluated', () =>
      until('the rules', async () => {
        const { groups } = (await json<Rules>(`${base}/api/v1/rules`)).body.data
        const rules = groups.flatMap((group) => group.rules)
        const broken = rules.filter(({ health }) => health === 'err')
        expect(broken.length === 0, `broken: ${broken.map(({ name }) => name).join(', ')}`)
        return rules.length >= 20 && rules.every(({ health }) => health === 'ok') ? `${rules.length} rules` : undefined
      }),
    )
    await step('what jobport and Redis tell is there', () =>
      until('the metrics', async () => {
        const names = ['jobport_backend_up', 'jobport_worker_concurrency', 'process_cpu_seconds_total']
        const redis = [
          'redis_up',
          'redis_memory_used_bytes',
          'redis_memory_max_bytes',
          'redis_aof_enabled',
          'redis_instance_info',
        ]
        for (const name of [...names, ...redis]) expect((await ask(name)).length > 0, `there is no ${name}`)
        const settings = await ask('redis_aof_enabled == 1 and redis_memory_max_bytes > 0')
        return settings.length === 1 ? [...names, ...redis].join(', ') : undefined
      }),
    )
    await step('no alert while all is well', async () => {
      const firing = await ask('ALERTS')
      expect(firing.length === 0, `there is ${firing.map(({ metric }) => metric['alertname']).join(', ')}`)
    })
    await step('a processor killed: Prometheus sees one less', async () => {
      const victim = await stack.kill('processor')
      await until('two processors', async () => {
        const [alive] = await ask('count(up{service="processor"} == 1)')
        return alive?.value[1] === '2' ? true : undefined
      })
      return victim
    })
    await step('Redis stopped: the alerts for it fire', async () => {
      await stack.compose('stop', 'redis')
      return until(
        'the alerts',
        async () => {
          const firing = new Set((await ask('ALERTS{alertstate="firing"}')).map(({ metric }) => metric['alertname']))
          return firing.has('RedisDown') && firing.has('JobportBackendDown') ? [...firing].join(', ') : undefined
        },
        240,
      )
    })
    await step('Redis back: the services go on by themselves, and the alerts end', async () => {
      await stack.compose('start', 'redis')
      await until('the end of the alerts', async () => ((await ask('ALERTS')).length === 0 ? true : undefined))
    })
    if (!grafana) return
    await step('Grafana has the dashboard', async () => {
      const url = await stack.url('grafana', 3_000)
      const authorization = `Basic ${Buffer.from('admin:development').toString('base64')}`
      const { status } = await json(`${url}/api/dashboards/uid/jobport`, { headers: { authorization } })
      expect(status === 200, `answered ${status}`)
    })
  },
}
