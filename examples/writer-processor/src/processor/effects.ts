import { randomUUID } from 'node:crypto'
import { access, link, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Where the effects of messages are, each once by the id of its message. */
export interface Effects {
  has(id: string): Promise<boolean>
  /** In one step: of two that apply the effect of one id, one does, also when they are two processes. */
  apply(id: string, effect: object): Promise<'applied' | 'repeated'>
}

/**
 * Effects as files, one for each id, in a folder that all processors share. In a real system this is a table whose primary key is the id, and `insert … on conflict do nothing` in the
 * transaction that has the rest of the effect.
 */
export function fileEffects(folder: string): Effects {
  /** Two letters of the id, so that no folder gets too many. */
  const fileOf = (id: string): string => join(folder, id.slice(-2), `${id}.json`)
  return {
    has: (id) =>
      access(fileOf(id)).then(
        () => true,
        () => false,
      ),
    async apply(id, effect) {
      const file = fileOf(id)
      // Written in full under another name and then linked: whoever dies in between leaves no half of an effect.
      const draft = join(folder, `${randomUUID()}.draft`)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(draft, `${JSON.stringify(effect)}\n`)
      try {
        await link(draft, file)
        return 'applied'
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'repeated'
        throw error
      } finally {
        await rm(draft, { force: true })
      }
    },
  }
}
