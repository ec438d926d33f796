/** What can stand in the way of changing which leg leads. */
export const SYNC_PROBLEMS = {
  'mode-not-allowed': {
    status: 409,
    title: 'Mode not allowed now',
    meaning: 'Events and calls cannot be shared out like that at present; `errors` says why not.',
    remedy:
      'Do what `errors` asks for. A receiver that takes two paths must drop old versions (`UPDATE … WHERE version < $new`) and say so with `x-sync-guard: version` in its answers.',
  },
  'snapshot-needed': {
    status: 409,
    title: 'Snapshot needed',
    meaning:
      'Consumers were told nothing for longer than changes are kept, so some are lost to them.',
    remedy:
      'Send them a snapshot and repeat with `acceptGap: true`; or accept that they do not know all.',
  },
  'precondition-required': {
    status: 428,
    title: 'If-Match required',
    meaning: 'The request does not say which version it wants to change.',
    remedy: 'Read what is to be changed, and send its `ETag` as `If-Match`; `*` for any version.',
  },
} as const
