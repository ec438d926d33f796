import { secondsAfter } from '../../domain/shared/instants.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { AuditTrail } from '../../ports/driven/audit/audit-trail.ts'
import type { OwnSigningKeys } from '../../ports/driven/sessions/own-signing-keys.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type {
  RetireSigningKeys,
  RotateSigningKeys,
} from '../../ports/driving/sessions/signing-keys.ts'
import { operatorEntry } from '../audit/audit-entries.ts'

type Needs = {
  /** Null when the operator keeps the keys (JWT_KEYS). */
  readonly ownKeys: OwnSigningKeys | null
  readonly accessTokenSeconds: number
  readonly audit: AuditTrail
  readonly clock: Clock
}

/** Verifiers accept a token for this long after it has expired. */
const CLOCK_TOLERANCE_SECONDS = 30

export const makeRotateSigningKeys =
  ({ ownKeys, audit, clock }: Omit<Needs, 'accessTokenSeconds'>): RotateSigningKeys =>
  async () => {
    if (ownKeys === null) return fail({ kind: 'keys-not-kept' })
    const { keys: before, rotatedAt } = await ownKeys.read()
    const isRotated = before.some(({ status }) => status === 'next')
    const keys = await ownKeys.rotate(isRotated ? clock().toISOString() : rotatedAt)
    await audit.append(operatorEntry('keys.changed', { at: clock() }))
    return ok({ isRotated, keys })
  }

export const makeRetireSigningKeys =
  ({ ownKeys, accessTokenSeconds, audit, clock }: Needs): RetireSigningKeys =>
  async () => {
    if (ownKeys === null) return fail({ kind: 'keys-not-kept' })
    const { keys: before, rotatedAt } = await ownKeys.read()
    if (!before.some(({ status }) => status === 'retired'))
      return ok({ isChanged: false, keys: before })
    const lastSignedAt = new Date(rotatedAt ?? 0)
    const until = secondsAfter(lastSignedAt, accessTokenSeconds + CLOCK_TOLERANCE_SECONDS)
    if (clock() < until) return fail({ kind: 'tokens-still-valid', until })
    const keys = await ownKeys.retire()
    await audit.append(operatorEntry('keys.changed', { at: clock() }))
    return ok({ isChanged: true, keys })
  }
