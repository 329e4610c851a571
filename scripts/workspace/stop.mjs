/**
 * Ends a script with the reason alone: a stack trace of the script helps nobody.
 * @param {Error} error
 * @returns {never}
 */
export function stop(error) {
  console.error(`\n${error.message}`)
  process.exit(1)
}
