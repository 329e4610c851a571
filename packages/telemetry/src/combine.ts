import type { Instrumentation, JobHeaders } from '@jobport/core'

type Completed = NonNullable<Instrumentation['completed']>
type Send = NonNullable<Instrumentation['send']>
type Process = NonNullable<Instrumentation['process']>

/** Several instrumentations as one, each inside of the one before it. */
export function combine(...all: readonly Instrumentation[]): Instrumentation {
  const attaches = all.flatMap(({ attach }) => attach ?? [])
  const detaches = all.flatMap(({ detach }) => detach ?? [])
  const receptions = all.flatMap(({ received }) => received ?? [])
  const settlements = all.flatMap(({ settled }) => settled ?? [])
  const completions = all.flatMap(({ completed }) => completed ?? [])
  const sends = all.flatMap(({ send }) => send ?? [])
  const processes = all.flatMap(({ process }) => process ?? [])
  return {
    ...(attaches.length > 0 && { attach: (...args) => attaches.forEach((attach) => attach(...args)) }),
    ...(detaches.length > 0 && { detach: (worker) => detaches.forEach((detach) => detach(worker)) }),
    ...(receptions.length > 0 && {
      received: (queue, jobs, took) => receptions.forEach((received) => received(queue, jobs, took)),
    }),
    ...(settlements.length > 0 && {
      settled: (jobs, took, error) => settlements.forEach((settled) => settled(jobs, took, error)),
    }),
    ...(completions.length > 0 && { completed: completions.reduce(completedToo) }),
    // What is missing costs nothing, so it stays missing.
    ...(sends.length > 0 && { send: sends.reduce(sendWithin) }),
    ...(processes.length > 0 && { process: processes.reduce(processWithin) }),
  }
}

function completedToo(first: Completed, second: Completed): Completed {
  return (queue, name, took) => {
    first(queue, name, took)
    second(queue, name, took)
  }
}

function sendWithin(outer: Send, inner: Send): Send {
  return (sending, send) => outer(sending, (headers) => inner(sending, (further) => send(joined(headers, further))))
}

function processWithin(outer: Process, inner: Process): Process {
  return (jobs, run) => outer(jobs, (headers) => inner(jobs, (further) => run(joined(headers, further))))
}

function joined(headers: JobHeaders | undefined, further: JobHeaders | undefined): JobHeaders | undefined {
  return headers === undefined || further === undefined ? (headers ?? further) : { ...headers, ...further }
}
