import type { Ms } from '../../contract/job.ts'
import type { Want } from './courier.ts'
import type { Demand } from './demand.ts'
import type { Lane } from './lane.ts'
import type { RateLimit } from './rate-limit.ts'

/** Claims of one queue in flight at once. */
const CLAIMS = 3
/** Of them, those that wait no longer for their jobs to come. While the backend works on the jobs of one, handlers are busy with those of the other. */
const COMING = 2

export interface IntakeOptions {
  readonly lanes: readonly Lane[]
  readonly claimBatch: number
  readonly demand: Demand
  readonly rateLimit: RateLimit | undefined
  readonly now: () => Ms
  /** Jobs that can be taken besides those running and ready: free slots, with room for batches. */
  readonly room: () => number
}

/** Decides from which queue to claim how many jobs. */
export class Intake {
  readonly #options: IntakeOptions
  readonly #weights: number
  /** The pass at which a lane was served last. */
  #claimTime = 0
  #startTime = 0

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#weights = options.lanes.reduce((sum, { weight }) => sum + weight, 0)
  }

  /** Claimed and not started. */
  get ready(): number {
    let ready = 0
    for (const lane of this.#options.lanes) ready += lane.ready
    return ready
  }

  /** The next claim among the queues that had more to give: the one that had least of its share. */
  next(): Want | undefined {
    const { lanes, demand, now, claimBatch } = this.#options
    const time = now()
    demand.measure(time)
    const wanted = this.#wanted(time)
    // While some are ready, wait until half of what is claimed ahead is used up, and while some are coming, for a quarter: few large claims instead of many small ones.
    const share = this.ready > 0 ? 2 : lanes.some(({ asked }) => asked > 0) ? 4 : Infinity
    if (wanted < Math.max(1, demand.ahead / share)) return undefined
    let best: Lane | undefined
    let weights = 0
    for (const lane of lanes) {
      if (lane.drained || lane.waiting || lane.claims >= CLAIMS || lane.restUntil > time) continue
      weights += lane.weight
      if (best === undefined || lane.claimPass < best.claimPass) best = lane
    }
    if (best === undefined) return undefined
    return { lane: best, limit: Math.min(claimBatch, Math.ceil((wanted * best.weight) / weights)) }
  }

  /** Claims that wait, one for each queue that had no more to give. */
  waits(): readonly Want[] {
    const { lanes, demand, now, claimBatch } = this.#options
    const time = now()
    const wanted = this.#wanted(time)
    if (wanted < 1) return []
    const waits: Want[] = []
    for (const lane of lanes) {
      if (!lane.drained || lane.claims > lane.coming || lane.coming === COMING || lane.restUntil > time) continue
      if (lane.coming > 0 && wanted < demand.ahead / 2) continue
      waits.push({ lane, limit: Math.min(claimBatch, Math.max(1, Math.floor((wanted * lane.weight) / this.#weights))) })
    }
    return waits
  }

  /** The queue to start the next job from: of those with jobs the one that had least of its share. */
  nextReady(): Lane | undefined {
    const { lanes } = this.#options
    if (lanes.length === 1) return lanes[0]!.ready > 0 ? lanes[0] : undefined
    let best: Lane | undefined
    for (const lane of lanes) {
      if (lane.ready > 0 && (best === undefined || lane.startPass < best.startPass)) best = lane
    }
    return best
  }

  claimed(lane: Lane, count: number, hasWaited: boolean): void {
    // One that was silent starts level with the others, and does not catch up on what it had no use for.
    if (hasWaited) {
      lane.claimPass = Math.max(lane.claimPass, this.#claimTime)
      lane.startPass = Math.max(lane.startPass, this.#startTime)
    }
    this.#claimTime = lane.claimPass
    lane.claimPass += count / lane.weight
  }

  started(lane: Lane): void {
    this.#startTime = lane.startPass
    lane.startPass += 1 / lane.weight
  }

  #wanted(time: Ms): number {
    const { lanes, demand, room, rateLimit } = this.#options
    let coming = 0
    for (const lane of lanes) coming += lane.asked
    const taken = this.ready + coming
    const wanted = room() + demand.ahead - taken
    return rateLimit === undefined ? wanted : Math.min(wanted, rateLimit.free(time) - taken)
  }
}
