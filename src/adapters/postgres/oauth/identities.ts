import { and, asc, eq } from 'drizzle-orm'
import type { Identities } from '../../../ports/driven/oauth/identities.ts'
import type { Handle } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { credentials, identities } from '../driver/tables.ts'

export const makeIdentities = (db: Handle): Identities => ({
  ownerOf: async (provider, subject) => {
    const [found] = await attempt(
      db
        .select({ userId: identities.userId, revocations: credentials.revocations })
        .from(identities)
        .leftJoin(credentials, eq(credentials.userId, identities.userId))
        .where(and(eq(identities.provider, provider), eq(identities.subject, subject))),
    )
    return found === undefined ? null : { ...found, revocations: found.revocations ?? 0 }
  },
  ofUser: (user) =>
    attempt(
      db
        .select()
        .from(identities)
        .where(eq(identities.userId, user))
        .orderBy(asc(identities.provider)),
    ),
  link: async (identity) => {
    // Whichever of the two rules it runs into, a link being written at the same time is waited for.
    const linked = await attempt(
      db.insert(identities).values(identity).onConflictDoNothing().returning(),
    )
    return linked.length > 0
  },
  unlink: async (user, provider) => {
    const unlinked = await attempt(
      db
        .delete(identities)
        .where(and(eq(identities.userId, user), eq(identities.provider, provider)))
        .returning(),
    )
    return unlinked.length > 0
  },
})
