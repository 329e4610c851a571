/**
 * Where the files of items live, for all producers and processors. What is written is whole: a key has its file, or none. Keys are `<folder>/<name>`.
 * Work is done on files of this machine, since that is what decoders want; a store elsewhere brings them and takes them.
 */
export interface Storage {
  /** Makes it usable. */
  open(): Promise<void>
  /** A path of this machine for a file that is to be stored. It is the caller's until then, and to be removed where nothing comes of it. */
  draft(): string
  /** Stores drafts, given by key. Each is there in one step and, when this resolves, for good: a power cut does not undo it. What a key had is replaced. */
  store(drafts: Readonly<Record<string, string>>): Promise<void>
  /** Where to read the file of this key on this machine; `undefined` where there is none. */
  locate(key: string): Promise<string | undefined>
  /** Removes everything in a folder. */
  remove(folder: string): Promise<void>
  /** Rejects where it cannot be written to. */
  check(): Promise<void>
}
