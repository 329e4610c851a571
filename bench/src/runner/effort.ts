import type { Size } from '../scenario.ts'

/** How long a system may take, in seconds. */
interface Effort {
  /** CPU time of this process, for warming up. */
  readonly warmUp: number
  /** For the run that is measured, with all that belongs to it. */
  readonly run: number
}

const FULL: Effort = { warmUp: 1, run: 3 }
const QUICK: Effort = { warmUp: 0.5, run: 1 }

/** A system that mostly waits is warm enough after so many times as long. */
const PATIENCE = 2

/** Jobs of the first lot of the warm-up, as a part of all. Each further one is twice as large. */
const FIRST_LOT = 1 / 50

/** In seconds, from any point in time. */
export interface Clock {
  wall(): number
  cpu(): number
}

const clock: Clock = {
  wall: () => performance.now() / 1000,
  cpu() {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  },
}

export interface Terms {
  readonly size: Size
  readonly quick: boolean
  /** A system of ours is held to `size.least`. */
  readonly ours: boolean
  /** That share the jobs; each has to be warm. */
  readonly processes?: number
}

/**
 * Runs lots of jobs until the code is compiled as in a process that has been up for a while, and answers how many jobs can be
 * measured in reasonable time: all of them, or fewer where a system is slow.
 */
export async function warmUp(
  { size, quick, ours, processes = 1 }: Terms,
  run: (jobs: number) => Promise<unknown>,
  { wall, cpu }: Clock = clock,
): Promise<number> {
  const effort = quick ? QUICK : FULL
  const most = quick ? size.quick : size.full
  const enough = (quick ? undefined : size.warm) ?? most / 2
  const end = { wall: wall() + effort.warmUp * PATIENCE * processes, cpu: cpu() + effort.warmUp * processes }
  let lot = Math.ceil(most * FIRST_LOT)
  for (let done = 0; ; lot = Math.min(most, lot * 2)) {
    const start = wall()
    await run(lot)
    const seconds = wall() - start
    done += lot
    if (done < enough * processes && wall() < end.wall && cpu() < end.cpu) continue
    const affordable = twoDigits((lot / seconds) * effort.run)
    const least = ours && !quick ? Math.max(lot, size.least ?? 0) : lot
    return Math.min(most, Math.max(least, affordable))
  }
}

/** Rounded down: 13,724 jobs would look like a choice. */
function twoDigits(count: number): number {
  if (!Number.isFinite(count)) return count
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1)
  return Math.floor(count / unit) * unit
}
