import type { FoundMessage } from '../tests/support/builders/stored-messages.ts'

/** By the names under which figures tell them. */
export const SHORTCOMINGS = ['lost', 'twice', 'out of order'] as const
export type Shortcomings = Readonly<Record<(typeof SHORTCOMINGS)[number], number>>

/** What a stream lacks of so many committed changes, each told by the user and the version in its headers. */
export const shortcomingsOf = (
  stored: readonly Pick<FoundMessage, 'headers'>[],
  committed: number,
): Shortcomings => {
  const seen = new Set<string>()
  const latest = new Map<string, number>()
  let outOfOrder = 0
  for (const { headers } of stored) {
    const { 'ce-subject': user = '', 'ce-sequence': sequence = '' } = headers
    const change = `${user} ${sequence}`
    const version = Number(sequence)
    const isLate = version < (latest.get(user) ?? 0)
    // The second of two is out of order only when the first one was.
    if (isLate && !seen.has(change)) outOfOrder += 1
    if (!isLate) latest.set(user, version)
    seen.add(change)
  }
  return {
    ...{ lost: committed - seen.size, twice: stored.length - seen.size },
    'out of order': outOfOrder,
  }
}
