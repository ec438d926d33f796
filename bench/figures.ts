import type { Figure } from './figure.ts'
import { acknowledged } from './figures/acknowledgement.ts'
import { embeddedMemoryAtRest, memoryAtRest } from './figures/memory-at-rest.ts'
import { besideOutbox } from './figures/outbox-peer.ts'
import { besidePeers } from './figures/peers.ts'
import { profileReads } from './figures/profile-reads.ts'
import { refreshes } from './figures/refreshes.ts'
import { registrations } from './figures/registrations.ts'
import { relayed } from './figures/relay.ts'
import { embeddedSignIns, signIns } from './figures/sign-ins.ts'
import { firstEmbeddedStart, laterEmbeddedStart, start } from './figures/starts.ts'
import { deliveredUserUpdates, userUpdates } from './figures/user-updates.ts'
import type { Stage } from './stage.ts'

/** Every figure, in the order that the results list them. */
export const figuresOn = (stage: Stage): readonly Figure[] => [
  userUpdates(stage),
  // Before the tables are full of what the others leave behind.
  relayed(stage, 1),
  acknowledged(stage, 1),
  relayed(stage, 3),
  acknowledged(stage, 3),
  besideOutbox(stage),
  signIns(stage),
  registrations(stage),
  profileReads(stage),
  refreshes(stage),
  deliveredUserUpdates(stage),
  start(stage),
  memoryAtRest(stage),
  ...besidePeers(stage),
  embeddedSignIns(stage),
  laterEmbeddedStart(),
  firstEmbeddedStart(),
  embeddedMemoryAtRest(),
]
