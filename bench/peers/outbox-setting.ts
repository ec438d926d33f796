import type { PollingListenerConfig, ReplicationListenerConfig } from 'pg-transactional-outbox'
import type { OutboxOrder } from '../figures/outbox-peer.ts'

// The quickest of those settings that were tried; see docs/adr/0028.

export const PUBLICATION = 'outbox_publication'
export const SLOT = 'outbox_slot'
export const NEXT_MESSAGES = 'next_outbox_messages'
export const BATCH = 30

const on = ({ databaseUrl }: OutboxOrder, connections: number) =>
  ({
    outboxOrInbox: 'outbox',
    dbListenerConfig: { connectionString: databaseUrl, max: connections },
  }) as const

const COMMON = {
  ...{ dbSchema: 'public', dbTable: 'outbox' },
  // Its documentation leaves both off for an outbox.
  ...{ enableMaxAttemptsProtection: false, enablePoisonousMessageProtection: false },
}

export const pollingOf = (order: OutboxOrder): PollingListenerConfig => ({
  ...on(order, 40),
  settings: {
    ...COMMON,
    nextMessagesFunctionName: NEXT_MESSAGES,
    nextMessagesBatchSize: BATCH,
    nextMessagesPollingIntervalInMs: 10,
    // A look now and then meets its own handler at a row, which then is left alone for so long.
    nextMessagesLockInMs: 250,
  },
})

export const replicationOf = (order: OutboxOrder): ReplicationListenerConfig => ({
  ...on(order, 20),
  settings: { ...COMMON, dbPublication: PUBLICATION, dbReplicationSlot: SLOT },
})
