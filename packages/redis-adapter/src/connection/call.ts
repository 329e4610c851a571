import { Cluster, Command, Redis } from 'ioredis'
import type { Client } from './connect.ts'

const TEXT = { replyEncoding: 'utf8' } as const

/** A command on the shortest way to the server. It has no timer of its own: `Patience` watches over all of them with one. */
export class Call extends Command {
  /** Resolves to the reply. A client of another copy of the driver makes its own commands. */
  static send(client: Client, name: string, args: (string | number)[]): Promise<unknown> {
    const isOurs: boolean = client instanceof Redis || client instanceof Cluster
    return isOurs ? (client.sendCommand(new Call(name, args, TEXT)) as Promise<unknown>) : client.call(name, args)
  }

  override setTimeout(): void {}
}
