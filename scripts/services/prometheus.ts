import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import type { Service } from './service.ts'

/** By the port of the server: the one that it scrapes. */
const targets = new Map<number, number>()

/** Its address says whom it scrapes, every second: `http://127.0.0.1:9090/?target=127.0.0.1:9464`. Whoever wants to be scraped listens there. */
export const prometheus: Service = {
  name: 'prometheus',
  variable: 'PROMETHEUS_URL',
  binary: { name: 'prometheus' },
  debian: 'prometheus',
  async prepare({ binary, folder, port }) {
    const target = await freePort()
    targets.set(port, target)
    const config = join(folder, 'prometheus.yml')
    writeFileSync(
      config,
      `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: jobport
    static_configs: [{ targets: ['127.0.0.1:${target}'] }]
`,
    )
    const data = join(folder, 'data')
    const listen = `127.0.0.1:${port}`
    return [
      {
        command: binary,
        args: [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=${listen}`],
      },
    ]
  },
  url: (port) => `http://127.0.0.1:${port}/?target=127.0.0.1:${targets.get(port)}`,
  async ping(url) {
    const response = await fetch(new URL('/-/ready', url), { signal: AbortSignal.timeout(5_000) })
    if (!response.ok) throw new Error(`it answered ${response.status}`)
  },
}
