import type { RunOptions, Worker } from './worker.ts'

/** A terminal and a package manager may both pass on one Ctrl-C. */
const SAME_SIGNAL = 500

/**
 * Closes the worker at the first signal and then stops listening, so that a second one does what it does by default: it ends the process at once.
 * Answers with a function that stops listening.
 */
export function closeOnSignals(worker: Worker, { signals = ['SIGTERM', 'SIGINT'], grace }: RunOptions): () => void {
  const stopListening = (): void => {
    for (const signal of signals) process.removeListener(signal, onSignal)
  }
  const onSignal = (): void => {
    setTimeout(stopListening, SAME_SIGNAL).unref()
    worker.close(grace === undefined ? {} : { grace }).catch(() => {}) // `run` tells of it
  }
  for (const signal of signals) process.on(signal, onSignal)
  return stopListening
}
