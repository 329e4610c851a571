import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { kustomize, type Manifest } from './kustomize.ts'
import { complaints } from './schemas.ts'

const k8s = fileURLToPath(new URL('../k8s/', import.meta.url))
const overlays = ['staging', 'production'] as const
const rendered = Object.fromEntries(overlays.map((overlay) => [overlay, kustomize(k8s + overlay)]))

interface Container {
  readonly name: string
  readonly image: string
  readonly ports: readonly { readonly name: string }[]
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[]
  readonly env?: readonly { readonly name: string; readonly value: string }[]
  readonly [field: string]: unknown
}

interface Pod {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> }
  readonly spec: {
    readonly automountServiceAccountToken: boolean
    readonly securityContext: object
    readonly containers: readonly Container[]
    readonly volumes: readonly {
      readonly secret?: { readonly secretName: string; readonly items: readonly { readonly path: string }[] }
    }[]
    readonly terminationGracePeriodSeconds: number
  }
}

function ofKind(manifests: readonly Manifest[], ...kinds: readonly string[]): readonly Manifest[] {
  return manifests.filter(({ kind }) => kinds.includes(kind))
}

function podsOf(manifests: readonly Manifest[]): readonly Pod[] {
  return ofKind(manifests, 'Deployment', 'StatefulSet').map(({ spec }) => (spec as { template: Pod }).template)
}

describe.each(overlays)('%s', (overlay) => {
  const manifests = rendered[overlay]!
  const pods = podsOf(manifests)
  const containers = pods.flatMap(({ spec }) => spec.containers)

  it('is as the schemas of Kubernetes, KEDA, Prometheus and External Secrets want it', async () => {
    expect(manifests.length).toBeGreaterThan(15)
    expect(await complaints(manifests)).toEqual([])
  })

  it('runs no process that may do more than it has to', () => {
    for (const { spec } of pods) {
      expect(spec.automountServiceAccountToken).toBe(false)
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    }
    for (const container of containers)
      expect(container).toMatchObject({
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        resources: {
          requests: { cpu: expect.anything(), memory: expect.anything() },
          limits: { memory: expect.anything() },
        },
        startupProbe: expect.anything(),
        readinessProbe: expect.anything(),
        livenessProbe: expect.anything(),
      })
  })

  it('names the version of every image', () => {
    for (const { image } of containers) expect(image).toMatch(/:(?!latest$)[\w.]+$/)
  })

  it('has no secret in it, and every name that something refers to', () => {
    expect(ofKind(manifests, 'Secret')).toEqual([])
    const configMaps = ofKind(manifests, 'ConfigMap').map(({ metadata }) => metadata.name)
    for (const { envFrom = [] } of containers)
      for (const { configMapRef } of envFrom) expect(configMaps).toContain(configMapRef.name)

    const targets = ofKind(manifests, 'HorizontalPodAutoscaler', 'ScaledObject').map(
      ({ spec }) => (spec as { scaleTargetRef: { name: string } }).scaleTargetRef.name,
    )
    expect(targets.toSorted()).toEqual(['processor', 'producer'])
    for (const target of targets)
      expect(ofKind(manifests, 'Deployment').map(({ metadata }) => metadata.name)).toContain(target)
  })

  it('selects pods that are there, by ports that they have', () => {
    const services = ofKind(manifests, 'Service')
    for (const { spec } of services) {
      const { selector, ports } = spec as { selector: Record<string, string>; ports: { targetPort: string }[] }
      const pod = pods.find(({ metadata }) => matches(metadata.labels, selector))
      const names = pod?.spec.containers.flatMap(({ ports }) => ports.map(({ name }) => name))
      for (const { targetPort } of ports) expect(names).toContain(targetPort)
    }
    for (const { spec } of ofKind(manifests, 'PodDisruptionBudget')) {
      const { matchLabels } = (spec as { selector: { matchLabels: Record<string, string> } }).selector
      expect(pods.some(({ metadata }) => matches(metadata.labels, matchLabels))).toBe(true)
    }
    for (const { spec } of ofKind(manifests, 'ServiceMonitor')) {
      const { endpoints } = spec as { endpoints: { port: string }[] }
      const ports = services.flatMap((each) => (each.spec as { ports: { name: string }[] }).ports)
      for (const { port } of endpoints) expect(ports.map(({ name }) => name)).toContain(port)
    }
  })

  it('gives a service more time to stop than it takes for itself', () => {
    const [config] = ofKind(manifests, 'ConfigMap')
    const grace = Number((config!['data'] as Record<string, string>)['STOP_GRACE_SECONDS'])
    for (const { spec } of pods.filter(({ spec }) => spec.containers.some(({ envFrom }) => envFrom !== undefined)))
      expect(spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(grace + 10)
  })
})

it('the secrets of production come from a store, under the names of the files that are read', () => {
  const [external] = ofKind(rendered['production']!, 'ExternalSecret')
  const { target, data } = external!['spec'] as { target: { name: string }; data: { secretKey: string }[] }
  const keys = data.map(({ secretKey }) => secretKey)
  for (const { spec } of podsOf(rendered['production']!)) {
    for (const { secret } of spec.volumes) expect([undefined, target.name]).toContain(secret?.secretName)
    const files = spec.containers.flatMap(({ env = [] }) => env.filter(({ name }) => name.endsWith('_FILE')))
    expect(files).not.toEqual([])
    const mounted = spec.volumes.flatMap(({ secret }) => secret?.items.map(({ path }) => path) ?? [])
    for (const { value } of files) expect(mounted).toContain(value.split('/').at(-1))
    for (const file of mounted) expect(keys).toContain(file)
  }
})

it('the rules in the cluster are the rules that are tested', async () => {
  const files = ['../../../packages/telemetry/prometheus/alerts.yml', '../prometheus/redis.yml']
  const groups = files.flatMap(
    (file) => (parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as { groups: object[] }).groups,
  )
  const rule = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'media' },
    spec: { groups },
  }
  const note =
    '# Written by `npm test -- examples/deploy -u` from packages/telemetry/prometheus/alerts.yml and ../../prometheus/redis.yml.\n'
  await expect(note + stringify(rule, { lineWidth: 0, singleQuote: true })).toMatchFileSnapshot(
    `${k8s}base/prometheus-rule.yaml`,
  )
})

describe('a manifest that is wrong is found', () => {
  const cases = [
    ['a field that does not exist', 'Deployment', { replicaz: 2 }, 'replicaz'],
    ['a number written as a text', 'Deployment', { replicas: '2' }, 'must be integer'],
    ['a word that means nothing', 'Deployment', { strategy: { type: 'Sometimes' } }, 'Sometimes'],
    ['something left out', 'Deployment', { selector: undefined }, 'selector'],
    ['a field of a custom resource that does not exist', 'ScaledObject', { maxReplicas: 4 }, 'maxReplicas'],
  ] as const
  // All at once: the compiler reads the types only once then.
  const found = complaints(
    cases.map(([name, kind, change]) => {
      const right = ofKind(rendered['staging']!, kind)[0]!
      return { ...right, metadata: { name }, spec: { ...(right['spec'] as object), ...change } }
    }),
  )

  it.each(cases)('%s', async (name, kind, _, complaint) => {
    const own = (await found).filter((line) => line.startsWith(`${kind} ${name}: `))
    expect(own.join('\n')).toContain(complaint)
  })
})

function matches(labels: Readonly<Record<string, string>>, selector: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value)
}
