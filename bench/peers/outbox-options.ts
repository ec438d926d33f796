import type { PollingListenerConfig, ReplicationListenerConfig } from 'pg-transactional-outbox'
import type { PeerOptions } from '../figures/outbox-comparison.ts'

// The fastest of the options that were tried. See docs/adr/0028-beside-another-outbox.md.

export const PUBLICATION = 'outbox_publication'
export const SLOT = 'outbox_slot'
export const NEXT_MESSAGES = 'next_outbox_messages'
export const BATCH = 30

const connectionOptions = ({ databaseUrl }: PeerOptions, connections: number) =>
  ({
    outboxOrInbox: 'outbox',
    dbListenerConfig: { connectionString: databaseUrl, max: connections },
  }) as const

const COMMON = {
  dbSchema: 'public',
  dbTable: 'outbox',
  // The documentation of the library switches these two off for an outbox.
  enableMaxAttemptsProtection: false,
  enablePoisonousMessageProtection: false,
}

export const pollingOptions = (options: PeerOptions): PollingListenerConfig => ({
  ...connectionOptions(options, 40),
  settings: {
    ...COMMON,
    nextMessagesFunctionName: NEXT_MESSAGES,
    nextMessagesBatchSize: BATCH,
    nextMessagesPollingIntervalInMs: 10,
    // A poll sometimes meets a row that its own handler has locked. It then leaves the row alone for this time.
    nextMessagesLockInMs: 250,
  },
})

export const replicationOptions = (options: PeerOptions): ReplicationListenerConfig => ({
  ...connectionOptions(options, 20),
  settings: { ...COMMON, dbPublication: PUBLICATION, dbReplicationSlot: SLOT },
})
