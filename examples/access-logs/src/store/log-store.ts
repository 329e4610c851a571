/** A file as it lies there. Two with the same `sha256` are the same file, whatever they are called. */
export interface Archive {
  readonly name: string
  readonly sha256: string
  /** Packed. */
  readonly bytes: number
}

/** What became of a file. `lines` are `kept` and `rejected` ones. */
export interface Imported {
  readonly name: string
  readonly lines: number
  readonly kept: number
  readonly rejected: number
  /** Why it could not be read to its end; its last line is where. */
  readonly broken: string | null
  /** Another file has every line of this one, so this one's are not counted beside them. */
  readonly partOf: string | null
}

/** The bytes of a file, unpacked. Returns why there are not more, if there should be. */
export type Unpacked = AsyncGenerator<Buffer, string | undefined>

export interface LoadOptions {
  readonly signal: AbortSignal
  /** Told of each part that was read. */
  readonly onProgress: (lines: number, rejected: number) => void
  /** What else belongs into the transaction that makes the file count. When it throws, nothing of the file counts. */
  readonly within: (tx: unknown, imported: Imported) => Promise<void>
}

export interface CountQuery {
  /** `2017-11-01`, the first day and the last. */
  readonly from: string
  readonly to: string
  /** Only the uris that are asked for most, so many, and the sum of the others. Default: all. */
  readonly top?: number
}

export interface Count {
  readonly day: string
  /** `null`: the others. */
  readonly uri: string | null
  readonly count: number
}

/** Where the lines are. */
export interface LogStore {
  /** Makes the tables where they are missing. */
  open(): Promise<void>
  close(): Promise<void>
  /** What became of it when it was imported before; `undefined`: it was not. */
  find(sha256: string): Promise<Imported | undefined>
  /** Loads a file: all of it counts, or none. */
  load(archive: Archive, unpacked: Unpacked, options: LoadOptions): Promise<Imported>
  /** The count of each uri per day, by day, the greatest first. */
  counts(query: CountQuery): Promise<readonly Count[]>
}
