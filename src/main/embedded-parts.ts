import type { Config } from './config.ts'

/** What runs inside this process because no server is named. */
export const embeddedParts = ({ databaseUrl, redisUrl, nats }: Config): readonly string[] => [
  ...(databaseUrl === null ? ['database'] : []),
  ...(redisUrl === null ? ['limits'] : []),
  ...(nats === null ? ['events'] : []),
]
