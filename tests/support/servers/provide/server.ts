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
export type Means =
  | { readonly kind: 'image'; readonly image: string }
  | { readonly kind: 'program'; readonly path: string }

/** What is found on this machine, and how it is told in one line. */
export type Found = {
  readonly means: Means
  readonly version: string | null
  readonly from: string
}
