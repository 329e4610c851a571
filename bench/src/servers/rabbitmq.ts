import { readFileSync, readdirSync } from 'node:fs'
import { connect } from 'amqplib'
import type { ConnectServer } from '../server.ts'

/** The queue of those that use RabbitMQ by themselves. */
export const RAW_QUEUE = 'bench'
/** The namespace of ours. */
export const NAMESPACE = 'bench'

/** Of the clock in which Linux counts CPU time, in every build there is. */
const TICKS_PER_SECOND = 100

/** Where the suite's own server listens. */
export function amqpUrl(): string {
  return process.env['AMQP_URL']!
}

export const connectRabbitmq: ConnectServer = async () => {
  const connection = await connect(amqpUrl())
  connection.on('error', () => {})
  const { version } = connection.connection.serverProperties
  const channel = await connection.createChannel()
  const queues = [RAW_QUEUE, `${NAMESPACE}:v1:work:default`, `${NAMESPACE}:v1:dead:default`]
  return {
    description: `RabbitMQ ${version}, one node as it comes`,
    async reset() {
      for (const queue of queues) await channel.deleteQueue(queue)
    },
    // The server tells what its queues hold to its own tools only; no scenario of the suite asks.
    bytes: () => Promise.reject(new Error('RabbitMQ does not tell by AMQP how many bytes its queues hold')),
    cpuSeconds: async () => cpuSeconds(`RABBITMQ_NODENAME=jobport-${new URL(amqpUrl()).port}@`),
    close: () => connection.close(),
  }
}

/** Of the processes whose environment says so: those of the node. Undefined where there is no /proc, or they are elsewhere. */
function cpuSeconds(setting: string): number | undefined {
  try {
    const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOf(name, setting))
    if (processes.length === 0) return undefined
    return processes.reduce((sum, process) => sum + ticksOf(process), 0) / TICKS_PER_SECOND
  } catch {
    return undefined
  }
}

function isOf(process: string, setting: string): boolean {
  try {
    return readFileSync(`/proc/${process}/environ`, 'latin1').includes(setting)
  } catch {
    // It has ended, or is somebody else's.
    return false
  }
}

/** User and system time of a process. See proc(5); its name, in brackets, may contain spaces. */
function ticksOf(process: string): number {
  const fields = readFileSync(`/proc/${process}/stat`, 'latin1').split(') ')[1]!.split(' ')
  return Number(fields[11]) + Number(fields[12])
}
