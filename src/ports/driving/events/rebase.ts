import type { Rebased } from '../../driven/events/rebases.ts'

/**
 * After a restore that lost changes: lifts every version out of reach of those that consumers have heard of, and tells
 * everybody of every user anew; of those whom only consumers know, that they are gone. May be repeated.
 * @throws Unavailable
 */
export type RebaseEvents = () => Promise<Rebased & { readonly by: number }>
