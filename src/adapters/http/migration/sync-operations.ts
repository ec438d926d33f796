import type { Operations } from '../openapi/operation.ts'
import { IF_MATCH } from '../openapi/parameters.ts'
import { SyncModeBody } from '../request-bodies.ts'
import { SyncReportShape } from './sync-report.ts'
import { SyncStatusShape } from './sync-status.ts'

const Status = {
  description: 'The mode that holds, and how both legs fare',
  schema: SyncStatusShape,
  headers: ['ETag'],
} as const

export const SYNC_OPERATIONS = {
  'GET /v1/admin/sync': {
    tag: 'Administration',
    summary: 'Say whether calls or events lead to Backend, and how both fare',
    description:
      'For administrators. Latencies, counts and the guard are those of the instance that answers.',
    caller: 'required',
    answers: { 200: Status },
    problems: ['forbidden'],
  },
  'GET /v1/admin/sync/report': {
    tag: 'Administration',
    summary: 'Say whether the next stage of moving over may come, and why not',
    description: [
      'For administrators. What `auth sync report` says: both legs side by side, what one has and the other lacks, and',
      'where Backend holds something else. Backend is asked, so this takes seconds.',
    ].join(' '),
    caller: 'required',
    answers: {
      200: { description: 'The evidence and the verdict', schema: SyncReportShape },
    },
    problems: ['forbidden'],
  },
  'PUT /v1/admin/sync': {
    tag: 'Administration',
    summary: 'Change whether calls or events lead to Backend',
    description: [
      'For administrators; `If-Match` is required and names the epoch. Holds at once for every instance: each change of a',
      'user is routed either before it or after it. Leaving `http`, consumers get what they were not told.',
    ].join(' '),
    caller: 'required',
    parameters: [IF_MATCH],
    body: SyncModeBody,
    answers: { 200: Status },
    problems: [
      'forbidden',
      'mode-not-allowed',
      'snapshot-needed',
      'version-mismatch',
      'precondition-required',
    ],
  },
} as const satisfies Operations
