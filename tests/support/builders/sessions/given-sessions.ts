import type {
  Client,
  Session,
  SessionLifetimes,
  SessionPage,
} from '../../../../src/domain/sessions/session.ts'
import { startSession } from '../../../../src/domain/sessions/session.ts'
import type { AddressPrefix } from '../../../../src/domain/shared/address-prefix.ts'
import type { SessionId } from '../../../../src/domain/shared/ids.ts'
import { parseSessionId } from '../../../../src/domain/shared/ids.ts'
import { givenUserId } from '../events/given-events.ts'

export const START = new Date('2026-11-24T00:00:00.000Z')
/** The page of a user's sessions that a client gets at first. */
export const FIRST_PAGE: SessionPage = { after: null, limit: 100 }

export const LIFETIMES: SessionLifetimes = {
  idleSeconds: 14 * 86_400,
  absoluteSeconds: 30 * 86_400,
}

export const afterStart = (seconds: number): Date => new Date(START.getTime() + seconds * 1000)

export const givenClient = (address = '192.0.2.1/32'): Client => ({
  userAgent: 'Test/1.0',
  // The adapters parse addresses; the domain has no parser for them.
  addressPrefix: address as AddressPrefix,
})

export const givenSessionId = (number: number): SessionId => {
  const id = parseSessionId(`0198f3a2-0000-7000-9000-${String(number).padStart(12, '0')}`)
  if (id === null) throw new Error('not a session id')
  return id
}

export const givenSession = (changes: Partial<Session> = {}): Session => ({
  ...startSession(
    givenSessionId(1),
    givenUserId(1),
    new Uint8Array(16),
    givenClient(),
    LIFETIMES,
    START,
  ),
  ...changes,
})
