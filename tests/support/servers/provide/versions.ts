import type { ServerName } from './server.ts'

/** The oldest versions that the service is meant to run on. */
export const LEAST: Readonly<Record<ServerName, string>> = {
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
