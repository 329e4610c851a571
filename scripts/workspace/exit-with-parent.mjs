// For a program that is started for somebody: when whoever started it is killed without a chance to pass the signal
// on, the program is asked to stop instead of working on unseen.
const parent = process.ppid

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM')
}, 500).unref()
