import type { Refusal } from '../domain/operations/exit-codes.ts'
import type { Result } from '../domain/shared/result.ts'
import { ok } from '../domain/shared/result.ts'
import { composeAccounts } from './compose/accounts.ts'
import { composeAdministration } from './compose/administration.ts'
import { composeEvents, composeRelay } from './compose/events.ts'
import { composeLimits } from './compose/limits.ts'
import { composeMigration } from './compose/migration.ts'
import { composeOAuth, openProviders } from './compose/oauth.ts'
import { composeOperations } from './compose/operations.ts'
import { composePasswords, openHashing } from './compose/passwords.ts'
import { openResources } from './compose/resources/open-resources.ts'
import { openTokens } from './compose/resources/open-tokens.ts'
import type { Openings } from './compose/resources/openings.ts'
import { makeOpenings } from './compose/resources/openings.ts'
import { composeSessions } from './compose/sessions.ts'
import type { Compose, Composition, Installation } from './lifecycle/composition.ts'

export const compose: Compose = (installation) => composeService(installation, makeOpenings())

/** Builds the service. What it opens is recorded in `openings`, and closed in the reverse order. */
export const composeService = async (
  installation: Installation,
  openings: Openings,
): Promise<Result<Composition, Refusal>> => {
  try {
    const composed = await composeRooms(installation, openings)
    if (!composed.ok) await openings.closeAll()
    return composed
  } catch (fault) {
    await openings.closeAll()
    throw fault
  }
}

const composeRooms = async (
  installation: Installation,
  openings: Openings,
): Promise<Result<Composition, Refusal>> => {
  const opened = await openResources(installation, openings)
  if (!opened.ok) return opened
  const resources = opened.value
  const tokens = await openTokens(installation, resources.clock)
  const hashing = await openHashing(resources)
  const providers = openProviders(resources)

  const migration = composeMigration({ resources })
  const events = composeEvents({ resources })
  const relay = composeRelay({ resources, migration })
  openings.add('relay', relay.close)
  const limits = composeLimits({ resources, tokens })
  const passwords = composePasswords({ resources, limits, hashing })
  const sessions = composeSessions({ resources, tokens, limits, passwords })
  const accounts = composeAccounts({ resources, tokens, limits, passwords, sessions })
  const administration = composeAdministration({ resources, passwords, accounts })
  const oauth = composeOAuth({ resources, limits, accounts, sessions, providers })
  const operations = composeOperations({
    resources,
    tokens,
    ownerToken: installation.ownerToken,
    migration,
    events,
    administration,
    relay,
    useCases: { ...passwords, ...sessions, ...accounts, ...oauth },
  })
  return ok({ ...operations, stop: openings.closeAll })
}
