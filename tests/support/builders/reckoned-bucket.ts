import { createHash } from 'node:crypto'

/** The bucket of a user, from 0 to 9 999, by other means than the service's. */
export const reckonedBucket = (salt: string, user: string): number =>
  createHash('sha256').update(`${salt}${user}`).digest().readUInt32BE() % 10_000
