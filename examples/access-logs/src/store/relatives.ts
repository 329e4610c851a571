/** A file, as far as it has to be told from another. */
export interface LoadedFile {
  readonly id: number
  readonly name: string
  readonly lines: number
}

export interface Relatives {
  /** Has every line of the file. */
  readonly whole?: LoadedFile
  /** The file has every line of them. */
  readonly parts: readonly LoadedFile[]
}

/** Finds the files that are the same log, from its beginning on, among those that begin with the same line. */
export async function findRelatives(
  own: LoadedFile,
  others: readonly LoadedFile[],
  contains: (whole: LoadedFile, part: LoadedFile) => Promise<boolean> | boolean,
): Promise<Relatives> {
  const parts: LoadedFile[] = []
  for (const other of others) {
    if (own.lines > other.lines) {
      if (await contains(own, other)) parts.push(other)
    } else if (await contains(other, own)) return { whole: other, parts: [] }
  }
  return { parts }
}
