import { startFresh } from '../fresh-services.ts'
import type { Floor } from '../floor.ts'
import { overhead } from '../scenarios/overhead.ts'
import { connectRedis } from '../servers/redis.ts'
import type { Suite } from '../suite.ts'

const systems = ['telemetry-memory', 'telemetry-redis']
/** Many: it is about a hundredth. */
const size = { full: 3_000_000, quick: 600_000 }

export const suite: Suite = {
  title: 'What telemetry costs: beside a worker without it',
  contests: [{ ours: systems, peers: [] }],
  scenarios: [overhead(['off', 'on'], size)],
  floors: systems.flatMap((system): readonly Floor[] => [
    { system, scenario: 'cpu-off', bound: { atMost: 1.01 } },
    { system, scenario: 'cpu-on', bound: { atMost: 1.05 } },
  ]),
  explained: [],
  services: () => startFresh('redis'),
  server: connectRedis,
}
