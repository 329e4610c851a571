import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'

/** A Kubernetes object, as it comes from YAML. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

interface Kustomization {
  readonly namespace?: string
  readonly resources?: readonly string[]
  readonly labels?: readonly { readonly pairs: Readonly<Record<string, string>> }[]
  readonly images?: readonly { readonly name: string; readonly newName?: string; readonly newTag?: string }[]
  readonly patches?: readonly { readonly path: string }[]
  readonly configMapGenerator?: readonly { readonly name: string; readonly literals: readonly string[] }[]
}

/** Kubernetes reads YAML 1.1: 0440 is an octal number. */
const YAML = { version: '1.1' } as const

const KNOWN = new Set([
  'apiVersion',
  'kind',
  'namespace',
  'resources',
  'labels',
  'images',
  'patches',
  'configMapGenerator',
])

/**
 * What `kubectl kustomize` makes of a folder, for the part of kustomize that the manifests use; anything else throws. There is no kustomize among npm's or
 * Debian's packages, and the tests need no more than this. Unlike there, generated names carry no hash.
 */
export function kustomize(folder: string): readonly Manifest[] {
  const kustomization = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'), YAML) as Kustomization
  const unknown = Object.keys(kustomization).filter((key) => !KNOWN.has(key))
  if (unknown.length > 0) throw new Error(`${folder}: this composes no ${unknown.join(', ')}`)
  const { namespace, resources = [], labels = [], images = [], patches = [], configMapGenerator = [] } = kustomization

  let manifests = resources.map((each) => join(folder, each)).flatMap(read)
  for (const { name, literals } of configMapGenerator) {
    const data = Object.fromEntries(literals.map((line) => line.split(/=(.*)/s).slice(0, 2)))
    manifests = merge(manifests, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data }, 'add')
  }
  for (const patch of patches.flatMap(({ path }) => documents(join(folder, path))))
    manifests = merge(manifests, patch, 'refuse')
  const pairs = Object.assign({}, ...labels.map(({ pairs }) => pairs)) as Record<string, string>
  return manifests.map((manifest) => {
    const metadata = {
      ...manifest.metadata,
      ...(namespace !== undefined && { namespace }),
      ...(labels.length > 0 && { labels: { ...manifest.metadata.labels, ...pairs } }),
    }
    return withImages({ ...manifest, metadata }, images) as Manifest
  })
}

function read(path: string): readonly Manifest[] {
  return statSync(path).isDirectory() ? kustomize(path) : documents(path)
}

function documents(file: string): readonly Manifest[] {
  return parseAllDocuments(readFileSync(file, 'utf8'), YAML).map((document) => document.toJS() as Manifest)
}

/** Merges into the manifest of that kind and name. */
function merge(manifests: readonly Manifest[], patch: Manifest, otherwise: 'add' | 'refuse'): Manifest[] {
  const isIt = ({ kind, metadata }: Manifest) => kind === patch.kind && metadata.name === patch.metadata.name
  if (manifests.some(isIt)) return manifests.map((each) => (isIt(each) ? (merged(each, patch) as Manifest) : each))
  if (otherwise === 'add') return [...manifests, patch]
  throw new Error(`a patch is for ${patch.kind} ${patch.metadata.name}, which is not there`)
}

/** A strategic merge: objects by field, lists of things that have names by name, all else is replaced. */
function merged(value: unknown, patch: unknown): unknown {
  if (isNamedList(value) && isNamedList(patch)) {
    const changed = value.map((each) => {
      const change = patch.find(({ name }) => name === each.name)
      return change === undefined ? each : merged(each, change)
    })
    return [...changed, ...patch.filter(({ name }) => !value.some((each) => each.name === name))]
  }
  if (!isObject(value) || !isObject(patch)) return patch
  const fields = Object.entries(patch).map(([key, each]) => [key, key in value ? merged(value[key], each) : each])
  return { ...value, ...Object.fromEntries(fields) }
}

function withImages(value: unknown, images: NonNullable<Kustomization['images']>): unknown {
  if (Array.isArray(value)) return value.map((each) => withImages(each, images))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      const image = key === 'image' ? images.find(({ name }) => each === name) : undefined
      return [key, image === undefined ? withImages(each, images) : `${image.newName ?? image.name}:${image.newTag}`]
    }),
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNamedList(value: unknown): value is readonly { readonly name: string }[] {
  return Array.isArray(value) && value.every((each) => isObject(each) && typeof each['name'] === 'string')
}
