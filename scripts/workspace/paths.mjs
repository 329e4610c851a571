import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the scripts download and remember; git ignores it, and deleting it only costs time. */
export const tools = join(root, '.tools')
