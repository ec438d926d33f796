import type { TestBed } from '../installation/test-bed.ts'
import type { Figure } from '../measurement/figure.ts'
import { betterAuthComparison } from './better-auth-comparison.ts'
import { deliveryLatency } from './delivery-latency.ts'
import { embeddedMemoryAtRest, memoryAtRest } from './memory-at-rest.ts'
import { operationCosts } from './operation-costs.ts'
import { outboxComparison } from './outbox-comparison.ts'
import { relayThroughput } from './relay-throughput.ts'
import {
  deliveredUserUpdates,
  embeddedSignIns,
  profileReads,
  refreshes,
  registrations,
  signIns,
  userUpdates,
} from './request-rates.ts'
import { scaling } from './scaling.ts'
import { embeddedStart, firstEmbeddedStart, start } from './start-times.ts'
import { twinComparison } from './twin-comparison.ts'

/** Every figure. They are measured in this order, and bench/results.md lists them in this order. */
export const allFigures = (testBed: TestBed): readonly Figure[] => [
  // Before an instance runs that delivers events.
  userUpdates(testBed),
  // Before the other figures fill the tables.
  relayThroughput(testBed, 1),
  deliveryLatency(testBed, 1),
  relayThroughput(testBed, 3),
  deliveryLatency(testBed, 3),
  outboxComparison(testBed),
  signIns(testBed),
  registrations(testBed),
  profileReads(testBed),
  refreshes(testBed),
  deliveredUserUpdates(testBed),
  twinComparison(testBed),
  ...capacityFigures(testBed),
  start(testBed),
  memoryAtRest(testBed),
  ...betterAuthComparison(testBed),
  embeddedSignIns(testBed),
  embeddedStart(),
  firstEmbeddedStart(),
  embeddedMemoryAtRest(),
]

/** The figures from which docs/capacity.md says how large an installation has to be. */
const capacityFigures = (testBed: TestBed): readonly Figure[] => [
  ...operationCosts(testBed),
  scaling(testBed),
]

/** The figures whose requests or events one instance of the service handles on real servers. */
export const profiledFigures = (testBed: TestBed): readonly Figure[] => [
  deliveredUserUpdates(testBed),
  userUpdates(testBed),
  profileReads(testBed),
  signIns(testBed),
  registrations(testBed),
  refreshes(testBed),
  relayThroughput(testBed, 1),
  deliveryLatency(testBed, 1),
  twinComparison(testBed),
]
