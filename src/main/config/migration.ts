import type { Channel, UserEventSubject } from '../../domain/events/user-event.ts'
import { channelOf, USER_EVENT_SUBJECTS } from '../../domain/events/user-event.ts'
import type { SyncMode } from '../../domain/migration/sync-mode.ts'
import { makeSyncMode } from '../../domain/migration/sync-mode.ts'
import { flag, oneOf, wholeNumber } from './parsers.ts'
import type { GivenOf, Problem } from './setting.ts'
import { plain } from './setting.ts'

/** The first mode of a new installation, and the rollout guard. */
export const SYNC_SETTINGS = {
  backendEventSubject: plain(
    'BACKEND_EVENT_SUBJECT',
    oneOf(...USER_EVENT_SUBJECTS),
    'the first of USER_EVENTS_SUBJECTS',
    'Subject that Backend reads its events from.',
  ),
  useEventSync: plain(
    'USE_EVENT_SYNC',
    flag,
    'false with BACKEND_SYNC_URL',
    'Whether Backend follows events in a new installation. `auth sync set` changes it later.',
  ),
  eventSyncPercent: plain(
    'EVENT_SYNC_PERCENT',
    wholeNumber(0, 100),
    '100',
    'Percentage of users whose changes Backend takes from events, in a new installation.',
  ),
  dualWriteEnabled: plain(
    'DUAL_WRITE_ENABLED',
    flag,
    'false',
    'Whether a new installation uses both channels for every change, so that they can be compared.',
  ),
  syncGuard: plain(
    'SYNC_GUARD',
    oneOf('act', 'observe', 'off'),
    'act',
    'Rollout guard, for events that are late or stuck: `act` steps back to HTTP calls, `observe` only reports, `off` does neither.',
  ),
  syncP95LimitMs: plain(
    'SYNC_P95_LIMIT_MS',
    wholeNumber(1, 60_000),
    '100',
    'Limit for the 95th percentile of event latency that the rollout guard accepts, in milliseconds.',
  ),
  slowPublishMs: plain(
    'SLOW_PUBLISH_MS',
    wholeNumber(1, 60_000),
    '100',
    'A publish or a call that takes longer is logged with its event. In milliseconds.',
  ),
} as const

export type SyncConfig = {
  /** The mode of a new installation. */
  readonly first: SyncMode
  readonly guard: 'act' | 'observe' | 'off'
  readonly p95LimitMs: number
  /** A publish that takes longer is logged. */
  readonly slowPublishMs: number
  /** The channel that Backend follows. */
  readonly backendChannel: Channel
}

const DEFAULTS = {
  percent: 100,
  p95LimitMs: 100,
  slowPublishMs: 100,
  subject: 'user.events',
} as const

/** The first mode depends on some settings of other tables. */
type Given = GivenOf<typeof SYNC_SETTINGS> & {
  readonly subjects: readonly UserEventSubject[] | null
  readonly backendSyncUrl: string | null
}

export const syncOf = (given: Given): SyncConfig => ({
  first: firstMode(given),
  guard: given.syncGuard ?? 'act',
  p95LimitMs: syncLimitOf(given),
  slowPublishMs: given.slowPublishMs ?? DEFAULTS.slowPublishMs,
  backendChannel: syncChannelOf(given),
})

export const syncLimitOf = ({ syncP95LimitMs }: Pick<Given, 'syncP95LimitMs'>): number =>
  syncP95LimitMs ?? DEFAULTS.p95LimitMs

export const syncChannelOf = ({
  backendEventSubject,
  subjects,
}: Pick<Given, 'backendEventSubject' | 'subjects'>): Channel =>
  channelOf(backendEventSubject ?? subjects?.[0] ?? DEFAULTS.subject)

const firstMode = (given: Given): SyncMode => {
  const percent = given.eventSyncPercent ?? DEFAULTS.percent
  const writesBoth = given.dualWriteEnabled ?? false
  const made = followsEvents(given)
    ? percent === 100
      ? makeSyncMode('events', null, writesBoth)
      : makeSyncMode('canary', percent, writesBoth)
    : makeSyncMode(writesBoth ? 'dual' : 'http', null, null)
  if ('code' in made) throw new Error(`the first mode is ${made.field} ${made.code}`)
  return made
}

/** Without an HTTP channel, Backend can only follow events. */
const followsEvents = ({ useEventSync, backendSyncUrl }: Given): boolean =>
  useEventSync ?? backendSyncUrl === null

const NEEDS_RECEIVER = 'needs BACKEND_SYNC_URL'

/** Checks the settings of the first mode together, and whether there is an HTTP channel for them. */
export const checkSync = (given: Given, hasReceiver: boolean, problem: Problem): void => {
  const { useEventSync, eventSyncPercent, dualWriteEnabled, subjects, backendEventSubject } = given
  if (!hasReceiver) {
    if (useEventSync === false) problem('USE_EVENT_SYNC', `${NEEDS_RECEIVER} to be false`)
    if (dualWriteEnabled === true) problem('DUAL_WRITE_ENABLED', NEEDS_RECEIVER)
    if (eventSyncPercent !== null && eventSyncPercent < 100)
      problem('EVENT_SYNC_PERCENT', `${NEEDS_RECEIVER} to be less than 100`)
  } else if (eventSyncPercent !== null && isShare(eventSyncPercent) && useEventSync !== true)
    problem('EVENT_SYNC_PERCENT', 'needs USE_EVENT_SYNC=true: without, nobody follows events')
  if (backendEventSubject !== null && !(subjects ?? ['user.events']).includes(backendEventSubject))
    problem('BACKEND_EVENT_SUBJECT', 'must be one of USER_EVENTS_SUBJECTS')
}

/** 0 and 100 are left out: people also write them when they want no canary at all. */
const isShare = (percent: number): boolean => percent > 0 && percent < 100
