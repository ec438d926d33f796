import { USER_EVENT_SUBJECTS } from '../../domain/events/user-event.ts'
import { flag, oneOf, wholeNumber } from './parsers.ts'
import { plain } from './setting.ts'

/** Which leg leads to Backend at first, and what watches it. */
export const SYNC_SETTINGS = {
  backendEventSubject: plain(
    'BACKEND_EVENT_SUBJECT',
    oneOf(...USER_EVENT_SUBJECTS),
    'the first of USER_EVENTS_SUBJECTS',
    'the subject that Backend follows',
  ),
  useEventSync: plain(
    'USE_EVENT_SYNC',
    flag,
    'false with BACKEND_SYNC_URL',
    'whether Backend follows events at first; later changes are made while running',
  ),
  eventSyncPercent: plain(
    'EVENT_SYNC_PERCENT',
    wholeNumber(0, 100),
    '100',
    'for how many of a hundred users, at first',
  ),
  dualWriteEnabled: plain(
    'DUAL_WRITE_ENABLED',
    flag,
    'false',
    'whether both legs carry everything, at first, to be compared',
  ),
  syncGuard: plain(
    'SYNC_GUARD',
    oneOf('act', 'observe', 'off'),
    'act',
    'what happens when events are late or stuck: act steps back to calls, observe only says so',
  ),
  syncP95LimitMs: plain(
    'SYNC_P95_LIMIT_MS',
    wholeNumber(1, 60_000),
    '100',
    'how long 95 of 100 events may take',
  ),
  slowPublishMs: plain(
    'SLOW_PUBLISH_MS',
    wholeNumber(1, 60_000),
    '100',
    'a publish, or a call, that takes longer is logged with its event',
  ),
} as const
