import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import type { Manifest } from './kustomize.ts'

/** Where the schema of a group is. Groups of Kubernetes itself are the rest. */
const PACKAGES: Readonly<Record<string, string>> = {
  'external-secrets.io': '@kubernetes-models/external-secrets',
  'keda.sh': '@kubernetes-models/keda',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
}

function moduleOf({ apiVersion, kind }: Manifest): string {
  const group = apiVersion.split('/')[0]!
  const folder = `${PACKAGES[group] ?? 'kubernetes-models'}/${apiVersion}`
  return `${folder}/${kind}`
}

interface Model {
  validate(): void
}

/** What the schemas say against these manifests: a line for each complaint. */
export async function complaints(manifests: readonly Manifest[]): Promise<readonly string[]> {
  return [...(await wrongValues(manifests)), ...wrongFields(manifests)]
}

/** By the validators: types, formats, what is required. They let fields pass that they do not know. */
async function wrongValues(manifests: readonly Manifest[]): Promise<readonly string[]> {
  const found: string[] = []
  for (const manifest of manifests) {
    const models = (await import(moduleOf(manifest))) as Record<string, new (data: Manifest) => Model>
    try {
      new models[manifest.kind]!(manifest).validate()
    } catch (error) {
      found.push(`${nameOf(manifest)}: ${(error as Error).message}`)
    }
  }
  return found
}

/** By the types: a literal may have no field that its type has not, and no word that is not one of those. */
function wrongFields(manifests: readonly Manifest[]): readonly string[] {
  const file = fileURLToPath(new URL('every-manifest.ts', import.meta.url))
  const lines = manifests.map((manifest, index) => {
    const type = `import('${moduleOf(manifest)}').I${manifest.kind}`
    return `export const m${index}: ${type} = ${JSON.stringify(manifest)}`
  })
  const options: ts.CompilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: [],
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.fileExists = (name) => name === file || fileExists(name)
  host.getSourceFile = (name, ...rest) =>
    name === file ? ts.createSourceFile(name, lines.join('\n'), rest[0]) : getSourceFile(name, ...rest)
  const program = ts.createProgram([file], options, host)
  const source = program.getSourceFile(file)!
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((diagnostic) => {
    const { line } = source.getLineAndCharacterOfPosition(diagnostic.start ?? 0)
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
    return `${nameOf(manifests[line]!)}: ${message}`
  })
}

function nameOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.name}`
}
