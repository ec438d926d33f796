/** How Backend learns of changes: by HTTP calls, by events, or by both. docs/migration.md explains each mode. */
export const SYNC_MODES = ['http', 'dual', 'canary', 'events'] as const
export type SyncModeName = (typeof SYNC_MODES)[number]

export type SyncMode = {
  readonly mode: SyncModeName
  /** The percentage of users for whom Backend follows events. */
  readonly percent: number
  /** Whether every change is also sent as an HTTP call, for comparison. */
  readonly dualWrite: boolean
}

export type SyncModeProblem =
  | { readonly field: 'percent'; readonly code: 'out-of-range' | 'required' | 'only-canary' }
  | { readonly field: 'dualWrite'; readonly code: 'fixed-by-mode' }

/** Each user falls into one of these buckets. A percentage takes the first of them. */
export const BUCKETS = 10_000
export const BUCKETS_PER_PERCENT = BUCKETS / 100

const FIXED_PERCENT = { http: 0, dual: 0, events: 100 } as const
const FIXED_DUAL_WRITE = { http: false, dual: true } as const

/** A mode from its parts. Null parts follow from the mode. Only canary takes a percentage. */
export const makeSyncMode = (
  mode: SyncModeName,
  percent: number | null,
  dualWrite: boolean | null,
): SyncMode | SyncModeProblem => {
  const writes = mode === 'http' || mode === 'dual' ? FIXED_DUAL_WRITE[mode] : (dualWrite ?? false)
  if (dualWrite !== null && dualWrite !== writes)
    return { field: 'dualWrite', code: 'fixed-by-mode' }
  if (mode !== 'canary')
    return percent === null || percent === FIXED_PERCENT[mode]
      ? { mode, percent: FIXED_PERCENT[mode], dualWrite: writes }
      : { field: 'percent', code: 'only-canary' }
  if (percent === null) return { field: 'percent', code: 'required' }
  return Number.isInteger(percent) && percent >= 0 && percent <= 100
    ? { mode, percent, dualWrite: writes }
    : { field: 'percent', code: 'out-of-range' }
}

export const isSameMode = (one: SyncMode, other: SyncMode): boolean =>
  one.mode === other.mode && one.percent === other.percent && one.dualWrite === other.dualWrite

/** The percentage of users for whom Backend follows events; -1 when there are no events at all. */
const eventShare = ({ mode, percent }: SyncMode): number => (mode === 'http' ? -1 : percent)

/** Whether more users follow events after the change. */
export const isForward = (before: SyncMode, after: SyncMode): boolean =>
  eventShare(after) > eventShare(before)

/** Whether fewer users follow events after the change. */
export const isBack = (before: SyncMode, after: SyncMode): boolean =>
  eventShare(after) < eventShare(before)

/** Whether Backend follows events for some users, so that the event channel has to be watched. */
export const followsEvents = ({ mode }: SyncMode): boolean => mode === 'canary' || mode === 'events'

/** The mode in words, like `canary at 10 %`. */
export const describeMode = ({ mode, percent, dualWrite }: SyncMode): string => {
  const name = mode === 'canary' ? `canary at ${percent} %` : mode
  return dualWrite && mode !== 'dual' ? `${name}, with calls for everybody` : name
}
