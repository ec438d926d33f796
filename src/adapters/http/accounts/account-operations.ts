import type { Operations } from '../openapi/operation.ts'
import { IDEMPOTENCY_KEY, IF_MATCH } from '../openapi/parameters.ts'
import { SignedInShape, UserShape } from '../representations.ts'
import { ChangePasswordBody, ProfileBody, RegisterBody } from '../request-bodies.ts'

const USER = { description: 'The user', schema: UserShape, headers: ['ETag'] } as const

export const ACCOUNT_OPERATIONS = {
  'POST /v1/auth/register': {
    tag: 'Accounts',
    summary: 'Make an account and sign its owner in',
    parameters: [IDEMPOTENCY_KEY],
    body: RegisterBody,
    answers: {
      201: {
        description: 'The new user and the tokens of the first session',
        schema: SignedInShape,
        headers: ['ETag', 'Set-Cookie'],
      },
    },
    problems: [
      'email-taken',
      'username-taken',
      'request-in-progress',
      'idempotency-key-reused',
      'weak-password',
      'too-many-attempts',
    ],
  },
  'GET /v1/users/me': {
    tag: 'Accounts',
    summary: 'Read the own profile',
    caller: 'required',
    answers: { 200: USER },
  },
  'PATCH /v1/users/me': {
    tag: 'Accounts',
    summary: 'Change the own profile',
    description: 'Fields that are left out keep their value.',
    caller: 'required',
    parameters: [IF_MATCH],
    body: ProfileBody,
    answers: { 200: USER },
    problems: ['username-taken', 'version-mismatch'],
  },
  'DELETE /v1/users/me': {
    tag: 'Accounts',
    summary: 'Delete the own account with all its sessions',
    description:
      'Needs a sign-in or a reauthentication of the last five minutes; a refresh is none.',
    caller: 'required',
    parameters: [IF_MATCH],
    answers: { 204: { description: 'The account is gone' } },
    problems: ['recent-login-required', 'last-admin', 'version-mismatch'],
  },
  'POST /v1/users/me/password': {
    tag: 'Accounts',
    summary: 'Replace the own password',
    caller: 'required',
    body: ChangePasswordBody,
    answers: { 204: { description: 'Replaced; the other sessions have ended' } },
    problems: ['wrong-password', 'recent-login-required', 'weak-password', 'too-many-attempts'],
  },
} as const satisfies Operations
