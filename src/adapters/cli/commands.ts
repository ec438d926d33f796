import { adminCreate } from './administration/create-admin.ts'
import { usersUnlock } from './administration/unlock-user.ts'
import { natsApply } from './events/apply-streams.ts'
import { contractServe, contractVerify } from './events/contracts.ts'
import { deadLettersDismiss, deadLettersList, deadLettersRedrive } from './events/dead-letters.ts'
import { eventsDiscard } from './events/discard-events.ts'
import { natsConsumer } from './events/provide-consumers.ts'
import { eventsRebase } from './events/rebase-events.ts'
import { eventsReplay } from './events/replay-events.ts'
import { eventsSnapshot } from './events/send-events.ts'
import { eventsTail } from './events/tail-events.ts'
import { syncSet } from './migration/set-sync-mode.ts'
import { syncReport } from './migration/sync-report.ts'
import { syncStatus } from './migration/sync-status.ts'
import { doctor } from './operations/doctor.ts'
import { migrate } from './operations/migrate.ts'
import { keysGenerate, keysRetire, keysRotate } from './sessions/signing-keys.ts'

/** Every command, in the order of the help. */
export const COMMANDS = [
  migrate,
  doctor,
  keysGenerate,
  keysRotate,
  keysRetire,
  adminCreate,
  usersUnlock,
  eventsTail,
  eventsReplay,
  eventsSnapshot,
  eventsRebase,
  eventsDiscard,
  deadLettersList,
  deadLettersRedrive,
  deadLettersDismiss,
  syncStatus,
  syncReport,
  syncSet,
  natsApply,
  natsConsumer,
  contractVerify,
  contractServe,
] as const

/** What the commands of a group are about. */
export const GROUPS: Readonly<Record<string, string>> = {
  keys: 'the keys of tokens',
  admin: 'administrators',
  users: 'accounts',
  events: 'events of the last 14 days, and parked deliveries',
  'dead-letters': 'messages that consumers could not handle',
  sync: 'the move of Backend from HTTP calls to events',
  nats: 'streams and durable consumers',
  contract: 'Pact contracts of consumers',
}
