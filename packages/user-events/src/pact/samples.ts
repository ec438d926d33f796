import type { UserChange } from '../codec/encode.ts'

const REGISTERED: UserChange = {
  eventId: '0198f3a2-5555-7000-8000-000000000001',
  userId: '0198f3a2-4444-7000-8000-000000000001',
  version: 1,
  action: 'created',
  occurredAt: new Date('2026-01-01T00:00:00.000Z'),
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  changed: [],
  email: 'ada@example.com',
  emailVerified: false,
  username: 'ada',
  displayName: 'Ada Lovelace',
  avatar: null,
  role: 'user',
  isActive: true,
}
const UPDATED: UserChange = {
  ...REGISTERED,
  version: 2,
  action: 'updated',
  changed: ['displayName', 'avatar'],
  displayName: 'Countess Lovelace',
  avatar: 'https://cdn.example.com/ada.png',
}
const PROMOTED: UserChange = { ...UPDATED, version: 3, changed: ['role'], role: 'moderator' }
const DEACTIVATED: UserChange = {
  ...PROMOTED,
  version: 4,
  changed: ['isActive'],
  isActive: false,
}

/**
 * The sample of each provider state that a consumer's tests get. When the service verifies the contract, it uses samples of
 * its own: the same fields are null there, and all other values differ.
 */
export const SAMPLES = {
  'user registered': REGISTERED,
  'user registered without email': { ...REGISTERED, email: null, displayName: null },
  'user updated': UPDATED,
  'user role changed': PROMOTED,
  'user deactivated': DEACTIVATED,
  'user deleted': { ...DEACTIVATED, version: 5, action: 'deleted', changed: [] },
} as const satisfies Readonly<Record<string, UserChange>>

export type ProviderState = keyof typeof SAMPLES
