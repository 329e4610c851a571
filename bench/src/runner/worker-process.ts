// Works for a system in a process beside the one that measures.
import { Tally } from '../scenarios/tally.ts'
import { createSystem, type Crew, type System } from '../system.ts'
import type { Notice, Order } from './worker-processes.ts'

/** Milliseconds between reports: short beside the run, and yet no message for each job. */
const REPORT = 5

let system: System
let crew: Crew
let tally: Tally
let reported = 0
let reports: NodeJS.Timeout | undefined

process.on('message', (order: Order) => {
  // Ends the process, which the other side notices.
  obey(order).catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})
process.once('disconnect', () => process.exit(0))

async function obey(order: Order): Promise<void> {
  if ('prepare' in order) {
    system = await createSystem(order.prepare.system, order.prepare)
    await system.prepare()
    tell({ prepared: true })
  } else if ('work' in order) {
    tally = new Tally(order.jobs)
    reported = 0
    reports = setInterval(report, REPORT)
    crew = await system.work(order.work, async (input) => tally.note(input))
  } else if ('settle' in order) {
    await crew.settled()
    tell({ settled: true })
  } else {
    await crew.stop()
    clearInterval(reports)
    report()
    tell({ stopped: tally.times })
  }
}

function report(): void {
  const handled = tally.handled - reported
  if (handled === 0) return
  reported += handled
  tell({ handled })
}

function tell(notice: Notice): void {
  process.send!(notice)
}
