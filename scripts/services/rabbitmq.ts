import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exchange } from './exchange.ts'
import { freePort } from './free-port.ts'
import type { Service } from './service.ts'

/**
 * A quorum queue passes a dead letter on again when it was not confirmed for so long, which happens when the server was killed in between. In milliseconds; RabbitMQ's default of three
 * minutes is longer than a test waits.
 */
const ADVANCED = '[{rabbit, [{dead_letter_worker_publisher_confirm_timeout, 10000}]}].\n'

export const rabbitmq: Service = {
  name: 'rabbitmq',
  variable: 'AMQP_URL',
  // The script in /usr/sbin changes user and folders; this is the one behind it.
  binary: { name: 'rabbitmq-server', folders: ['/usr/lib/rabbitmq/bin', '/opt/homebrew/sbin'] },
  debian: 'rabbitmq-server',
  docker: { image: 'rabbitmq:4', port: 5672 },
  async prepare({ binary, folder, port }) {
    const [names, distribution] = [await freePort(), await freePort()]
    const config = join(folder, 'rabbitmq.conf')
    const advanced = join(folder, 'advanced.config')
    const plugins = join(folder, 'enabled_plugins')
    writeFileSync(config, `listeners.tcp.local = 127.0.0.1:${port}\n`)
    writeFileSync(advanced, ADVANCED)
    writeFileSync(plugins, '[].\n')
    mkdirSync(join(folder, 'home'))
    const env = {
      HOME: join(folder, 'home'),
      // Erlang's name server would stay behind as a daemon; this one is ours and ends with the rest.
      ERL_EPMD_PORT: `${names}`,
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_NODENAME: `jobport-${port}@localhost`,
      RABBITMQ_DIST_PORT: `${distribution}`,
      RABBITMQ_CONFIG_FILE: config,
      RABBITMQ_ADVANCED_CONFIG_FILE: advanced,
      RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
      RABBITMQ_MNESIA_BASE: join(folder, 'data'),
      RABBITMQ_LOG_BASE: join(folder, 'log'),
      RABBITMQ_PID_FILE: join(folder, 'pid'),
    }
    return [
      { command: 'epmd', args: ['-port', `${names}`], env },
      { command: binary, args: [], env },
    ]
  },
  url: (port) => `amqp://guest:guest@127.0.0.1:${port}`,
  async ping(url) {
    const reply = await exchange(url, 5672, 'AMQP\0\0\x09\x01')
    // The first frame of a server that speaks 0-9-1 is a method on channel 0.
    if (!reply.startsWith('\x01\0\0')) throw new Error('it does not speak AMQP 0-9-1')
  },
}
