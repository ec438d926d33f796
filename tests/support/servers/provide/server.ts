import { atTheEnd } from '../../processes/test-run/at-the-end.ts'
import type { Probe } from './probes.ts'

export type ServerName = 'PostgreSQL' | 'Redis' | 'NATS'

/** Something that runs and can be hurt: an operating-system process with its children, or a container. */
export type Running = {
  /** Starts it, again on the same port and the same files when it ran before. */
  start(): Promise<void>
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>
  /** SIGKILL; resolves when nothing of it is left. Its files stay. */
  kill(): Promise<void>
  /** Nothing of it runs any more, but its connections stay open, like those of a machine that hangs. */
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** Ends it in any state and deletes its files. */
  remove(): Promise<void>
}

/** A server on 127.0.0.1 that answers; after `start` it answers again. */
export type Server = Running & { readonly url: string; readonly version: string }

/** How a server of this kind can be started here. */
export type ServerSource =
  | { readonly kind: 'image'; readonly image: string }
  | { readonly kind: 'program'; readonly path: string }

/** A server that can be started on this machine. `from` says in one line where it comes from. */
export type FoundServer = {
  readonly source: ServerSource
  readonly version: string | null
  readonly from: string
}

/** Starts it and learns its version. It is removed when the tests of this process have ended, if not before. */
export const serverOf = async (running: Running, url: string, probe: Probe): Promise<Server> => {
  atTheEnd(running.remove)
  await running.start()
  return { ...running, url, version: await probe(url) }
}

/** The oldest versions that the service is meant to run on. */
export const OLDEST_VERSIONS: Readonly<Record<ServerName, string>> = {
  PostgreSQL: '15',
  Redis: '6.2',
  NATS: '2.10.27',
}

/** Compares dotted numbers; what follows the numbers does not count. */
export const isAtLeast = (version: string, least: string): boolean => {
  const [have, want] = [numbersOf(version), numbersOf(least)]
  const different = want.findIndex((number, index) => number !== (have[index] ?? 0))
  return different === -1 || (have[different] ?? 0) > (want[different] ?? 0)
}

const numbersOf = (version: string): number[] =>
  version.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0)
