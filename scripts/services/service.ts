/** A program. In folders that JOBPORT_SERVERS names it is looked for first of all. */
export interface Binary {
  readonly name: string
  /** Programs of other names that do as well. */
  readonly others?: readonly string[]
  readonly folders?: readonly string[]
}

/** One server that tests and benchmarks use. */
export interface Service {
  readonly name: string
  /** The environment variable that holds its address. A server named there already is used as it is. */
  readonly variable: string
  /** Its program, under any of its names, which says whether it is installed, and where it may be besides the PATH. */
  readonly binary: Binary
  /** The Debian package that brings the binary. */
  readonly debian?: string
  /** The container image and the port inside it, where nothing else is to be had. */
  readonly docker?: { readonly image: string; readonly port: number; readonly arguments?: readonly string[] }
  /** What asks the server to stop at once, also when clients are connected. SIGTERM if it is not said. */
  readonly stop?: NodeJS.Signals
  /** What ends it, and the processes it has started, as a crash would. SIGKILL if it is not said. */
  readonly crash?: NodeJS.Signals
  /** Says how to start the binary. May prepare the folder, which is empty and the server's own. */
  prepare(place: Place): Promise<Launch> | Launch
  /** The address of the server on this port of this machine. */
  url(port: number): string
  /** Resolves when the server answers a real request; rejects while it does not. */
  ping(url: URL): Promise<void>
}

export interface Place {
  readonly binary: string
  readonly folder: string
  readonly port: number
  /** What the server has acknowledged must survive its death. Elsewhere speed matters more. */
  readonly durable?: boolean
}

/** Processes to start, in order. */
export type Launch = readonly Command[]

export interface Command {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** The user it runs as, where that is not ours. */
  readonly uid?: number
  readonly gid?: number
}
