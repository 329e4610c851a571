/** Every error that jobport throws on purpose extends this. `code` is stable and made for programs, `message` for people. */
export abstract class JobportError extends Error {
  abstract override readonly name: string
  abstract readonly code: string
}
