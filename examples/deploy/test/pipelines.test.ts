import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

// The parser imports JSON as bundlers do, without saying that it is JSON.
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
})
const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import('@actions/workflow-parser')

const root = fileURLToPath(new URL('../../../', import.meta.url))
const workflows = readdirSync(`${root}.github/workflows`).map((name) => `.github/workflows/${name}`)

/** What GitHub's own parser says against a workflow. */
async function complaints(content: string): Promise<readonly string[]> {
  const { context, value } = parseWorkflow({ name: 'workflow.yml', content }, new NoOperationTraceWriter())
  const found = context.errors.getErrors().map(({ message }) => message)
  if (value === undefined) return found
  const { errors = [] } = await convertWorkflowTemplate(context, value)
  return [...found, ...errors.map(({ Message }) => Message)]
}

describe('GitHub Actions', () => {
  it.each(workflows)('%s is a workflow', async (file) => {
    expect(await complaints(readFileSync(root + file, 'utf8'))).toEqual([])
  })

  it.each([
    ['a key that does not exist', 'runs-on: ubuntu-latest', 'runs-onn: ubuntu-latest'],
    ['a job that nobody has', 'needs: [test, image]', 'needs: [tests, image]'],
    ['an expression of nothing', 'github.sha }}', 'githb.sha }}'],
  ])('%s is found', async (_, right, wrong) => {
    const content = readFileSync(`${root}.github/workflows/deploy.yml`, 'utf8')
    expect(content).toContain(right)
    expect(await complaints(content.replace(right, wrong))).not.toEqual([])
  })

  it.each(workflows)('%s runs no code of others that can change under it, and may do no more than it says', (file) => {
    const content = readFileSync(root + file, 'utf8')
    for (const [, action] of content.matchAll(/uses: (\S+)/g))
      expect(action).toMatch(/^(\.\/\.github\/workflows\/[\w-]+\.yml|[\w./-]+@[\da-f]{40})$/)
    expect((parse(content) as { permissions: object }).permissions).toEqual({ contents: 'read' })
  })
})

interface Step {
  readonly name: string
  readonly script: readonly string[]
  readonly deployment?: string
  readonly trigger?: string
}
type Stage = { readonly step: Step } | { readonly parallel: readonly { readonly step: Step }[] }

describe('Bitbucket Pipelines', () => {
  const { pipelines } = parse(readFileSync(`${root}bitbucket-pipelines.yml`, 'utf8'), { merge: true }) as {
    readonly pipelines: { readonly default: readonly Stage[]; readonly branches: { readonly main: readonly Stage[] } }
  }
  const stages = [...pipelines.default, ...pipelines.branches.main]
  const steps = stages.flatMap((stage) => ('step' in stage ? [stage.step] : stage.parallel.map(({ step }) => step)))

  it('tests, builds, goes to staging, and to production by hand', () => {
    expect(
      steps.map(({ name, deployment, trigger }) => [name, deployment, trigger].filter(Boolean).join(', ')),
    ).toEqual([
      'Build and test',
      'Build and test',
      'Images, scanned',
      'Staging, staging',
      'Production, production, manual',
    ])
  })
})

it('what the pipelines run is there, and is a script that a shell understands', () => {
  const texts = [...workflows, 'bitbucket-pipelines.yml'].map((file) => readFileSync(root + file, 'utf8')).join('\n')
  const scripts = new Set([...texts.matchAll(/sh (examples\/deploy\/\S+\.sh)/g)].map(([, script]) => script!))
  expect([...scripts].toSorted()).toEqual(['examples/deploy/apply.sh', 'examples/deploy/image.sh'])
  for (const script of [...scripts, 'examples/deploy/render.sh', 'examples/compose/make-secrets.sh']) {
    expect(existsSync(root + script)).toBe(true)
    execFileSync('sh', ['-n', root + script])
  }
})

it.each(['ghcr.io/jobport/media:3f2c9e1', 'local/media:1', 'localhost:5000/media:1234567'])(
  '%s is deployed by that name and tag',
  (image) => {
    const folder = mkdtempSync(join(tmpdir(), 'jobport-render-'))
    try {
      // kubectl is on few machines that run tests; what it is told is what counts here.
      writeFileSync(join(folder, 'kubectl'), '#!/bin/sh\nexec cat "$2/kustomization.yaml"\n', { mode: 0o755 })
      const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` }
      const told = execFileSync('sh', [`${root}examples/deploy/render.sh`, 'staging', image], { env, encoding: 'utf8' })
      const [name, tag] = [image.slice(0, image.lastIndexOf(':')), image.slice(image.lastIndexOf(':') + 1)]
      expect(parse(told)).toMatchObject({ resources: ['../staging'], images: [{ newName: name, newTag: tag }] })
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)
