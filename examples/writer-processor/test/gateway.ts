import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { text } from 'node:stream/consumers'
import { answer } from '../../../scripts/services/answer.ts'
import { freePort } from '../../../scripts/services/free-port.ts'
import { KeeperClient } from '../../../scripts/services/keeper-client.ts'
import { findNginx } from '../../../scripts/services/nginx.ts'

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** The address that the client has. Any of 127.0.0.0/8. */
  readonly from?: string
}

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: any
}

export interface Gateway {
  readonly httpUrl: string
  readonly httpsPort: number
  readonly certificate: string
  ask(path: string, asked?: Asked): Promise<Answered>
  /** What it has logged of requests. */
  log(): readonly any[]
  stop(): Promise<void>
}

/** A real nginx with the gateway's configuration, before whatever listens at that address. */
export async function startGateway(upstream: string, settings: Readonly<Record<string, string>>): Promise<Gateway> {
  const nginx = await findNginx()
  const keeper = await KeeperClient.create()
  const [httpPort, httpsPort] = [await freePort(), await freePort()]
  const accessLog = join(keeper.folder, 'access.log')
  const env = {
    NGINX_PATH: nginx,
    GATEWAY_STATE: keeper.folder,
    GATEWAY_UPSTREAM: upstream,
    GATEWAY_HTTP_PORT: `${httpPort}`,
    GATEWAY_HTTPS_PORT: `${httpsPort}`,
    GATEWAY_ACCESS_LOG: accessLog,
    ...settings,
  }
  const name = 'nginx'
  const command = fileURLToPath(new URL('../gateway/start.sh', import.meta.url))
  await keeper.start({ name, stop: 'SIGQUIT' }, { command: 'sh', args: [command], env })
  const httpUrl = `http://127.0.0.1:${httpPort}`
  await answer({ name, ping }, httpUrl, () => keeper.problem(name))
  const certificate = readFileSync(join(keeper.folder, 'certificate.pem'), 'utf8')
  return {
    httpUrl,
    httpsPort,
    certificate,
    ask: (path, asked = {}) => ask(httpsPort, certificate, path, asked),
    log: () =>
      readFileSync(accessLog, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
    stop: () => keeper.stop(),
  }
}

async function ping(url: URL): Promise<void> {
  await fetch(url, { redirect: 'manual' })
}

function ask(port: number, ca: string, path: string, { method, headers, body, from }: Asked): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port,
        ca,
        path,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        agent: false,
        ...(from !== undefined && { localAddress: from }),
      },
      (response) => void read(response).then(resolve, reject),
    )
    asking.on('error', reject)
    asking.end(body)
  })
}

async function read(response: IncomingMessage): Promise<Answered> {
  const { headers, statusCode } = response
  const body = await text(response)
  const isJson = headers['content-type']?.startsWith('application/json') === true
  return { status: statusCode!, headers, body: isJson ? JSON.parse(body) : body }
}
