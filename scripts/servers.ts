/** Where the tests find a server, and how it came there. */
export type ServerChoice = {
  readonly name: 'PostgreSQL' | 'Redis' | 'NATS'
  readonly way: string
  /** What the tests read to find it. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * The servers of this run, chosen before it. So far the tests run on what is embedded; levels that need a real
 * server choose theirs here.
 */
export const chooseServers = (): readonly ServerChoice[] => [
  { name: 'PostgreSQL', way: 'embedded (PGlite)', environment: {} },
  { name: 'Redis', way: 'in memory', environment: {} },
  { name: 'NATS', way: 'in process', environment: {} },
]
