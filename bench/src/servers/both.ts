import type { ConnectServer } from '../server.ts'

/** Two servers as one: that of a broker, and that of its store. */
export function both(...connects: readonly [ConnectServer, ConnectServer]): ConnectServer {
  return async () => {
    const servers = await Promise.all(connects.map((connect) => connect()))
    const [broker, store] = servers as [(typeof servers)[number], (typeof servers)[number]]
    return {
      description: `${broker.description}; ${store.description}`,
      async reset() {
        await Promise.all(servers.map((server) => server.reset()))
      },
      bytes: () => broker.bytes(),
      async cpuSeconds() {
        const used = await Promise.all(servers.map((server) => server.cpuSeconds()))
        return used.includes(undefined) ? undefined : used.reduce<number>((sum, seconds) => sum + seconds!, 0)
      },
      async close() {
        await Promise.all(servers.map((server) => server.close()))
      },
    }
  }
}
