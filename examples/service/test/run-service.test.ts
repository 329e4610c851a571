import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const fromSource = new URL('../../../scripts/workspace/from-source.mjs', import.meta.url).href

/** A service as a process of its own. */
function start(part: string) {
  const program = fileURLToPath(new URL(`child/${part}.ts`, import.meta.url))
  const child = spawn(process.execPath, ['--import', fromSource, program])
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)))
  return {
    child,
    output: () => output,
    says: async (words: string) => {
      while (!output.includes(words)) await once(child.stdout, 'data')
    },
    ended: once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string),
  }
}

describe('a service', () => {
  it('that is asked to stop does so, the last part first, with exit code 0', async () => {
    const service = start('two-parts')
    await service.says('"msg":"started"')
    service.child.kill('SIGTERM')
    expect(await service.ended).toBe(0)
    // Its logs are written in their own time, and may come in between.
    const said = service
      .output()
      .split('\n')
      .filter((line) => /^(first|then) /.test(line))
    expect(said).toEqual(['first server', 'then backend'])
    expect(service.output()).toContain('"msg":"stopped"')
  })

  it('that hangs while stopping is ended at once by a second signal', async () => {
    const service = start('hangs')
    await service.says('"msg":"started"')
    service.child.kill('SIGTERM')
    await service.says('"msg":"stopping"')
    service.child.kill('SIGTERM')
    expect(await service.ended).toBe('SIGTERM')
  })

  it('whose configuration is wrong says what, and ends with exit code 2', async () => {
    const service = start('misconfigured')
    expect(await service.ended).toBe(2)
    expect(service.output()).toBe(
      'The configuration for development is not complete:\n  WHAT  is missing: what to do\n',
    )
  })
})
