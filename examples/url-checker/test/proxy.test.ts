import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, onTestFinished, vi } from 'vitest'
import { freePort } from '../../../scripts/services/free-port.ts'
import { findNginx } from '../../../scripts/services/nginx.ts'
import { Client } from './client.ts'
import { endServices, settings, startApi, startChecker } from './service.ts'
import { site, titled } from './site.ts'

afterAll(endServices)

/** nginx with the configuration as it is, but for where it listens, writes and passes on to. */
async function startProxy(api: string): Promise<string> {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'jobport-proxy-'))
  const given = await readFile(new URL('../proxy/nginx.conf', import.meta.url), 'utf8')
  const changed = given
    .replace('listen 8080;', `listen 127.0.0.1:${port};`)
    .replace('server url-checker:3000;', `server ${new URL(api).host};`)
    .replaceAll('/tmp/', `${folder}/`)
    .replace('/dev/stdout', `${folder}/access.log`)
  await writeFile(join(folder, 'nginx.conf'), changed)
  const args = ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;']
  const nginx = spawn(await findNginx(), args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let output = ''
  nginx.stderr.on('data', (text) => (output += String(text)))
  onTestFinished(async () => {
    const ended = once(nginx, 'close')
    if (nginx.exitCode === null && nginx.kill('SIGTERM')) await ended
    await rm(folder, { recursive: true, force: true })
  })
  const url = `http://127.0.0.1:${port}`
  await vi
    .waitFor(() => fetch(url), { timeout: 60_000, interval: 50 })
    .catch(() => {
      throw new Error(`nginx does not answer:\n${output}`)
    })
  return url
}

it(
  'the proxy passes the API and its stream on, bounds what a client may ask, and says when there is no API',
  { timeout: 120_000 },
  async () => {
    const env = settings()
    const [{ url, service }] = await Promise.all([startApi(env), startChecker(env)])
    const proxied = await startProxy(url)
    const api = new Client(proxied)
    const stream = await fetch(`${proxied}/live`)
    expect(stream.headers.get('content-type')).toContain('text/event-stream')
    const events = stream.body!.getReader()

    const { port } = await site(titled('Proxied'))
    const job = { url: `http://127.0.0.1:${port}/` }
    expect((await api.submit(job)).status).toBe(202)
    expect(await api.checksOf([job.url])).toMatchObject([{ title: 'Proxied' }])
    let seen = ''
    while (!seen.includes('event: outcome')) seen += new TextDecoder().decode((await events.read()).value)
    await events.cancel()

    // One a second is let through, and ten before that.
    const answers = await Promise.all(Array.from({ length: 40 }, () => api.submit(job)))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]!.body.error).toMatchObject({ code: 'too-many', requestId: expect.stringMatching(/^\w{32}$/) })
    expect(answers.some(({ status }) => status === 202)).toBe(true)

    expect((await fetch(`${proxied}/metrics`)).status).toBe(404)
    expect((await fetch(`${proxied}/healthz`)).status).toBe(200)
    service.process.kill('SIGTERM')
    expect(await service.ended).toBe(0)
    expect(await api.get('/get_jobs')).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } })
  },
)
