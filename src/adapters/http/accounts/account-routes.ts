import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { AVATAR_MAXIMUM } from '../../../domain/accounts/avatar.ts'
import { DISPLAY_NAME_MAXIMUM } from '../../../domain/accounts/display-name.ts'
import { EMAIL_MAXIMUM } from '../../../domain/accounts/email.ts'
import {
  USERNAME_MAXIMUM,
  USERNAME_MINIMUM,
  USERNAME_PATTERN,
} from '../../../domain/accounts/username.ts'
import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type {
  CheckProfile,
  CheckRegistration,
  DeleteAccount,
  ReadProfile,
  RegisterUser,
  UpdateProfile,
} from '../../../ports/driving/accounts/accounts.ts'
import { json, noContent, refuse } from '../edge/answers.ts'
import type { Clients } from '../edge/client.ts'
import { expectedVersions, IF_MATCH, versionTag } from '../edge/entity-tags.ts'
import type { Guards } from '../edge/guards.ts'
import { GONE } from '../edge/guards.ts'
import { parseJsonWith } from '../edge/json-body.ts'
import type { Operations, Parameter } from '../openapi/operation.ts'
import { fieldError, fieldErrors, invalidRequest } from '../problems/invalid-fields.ts'
import type { FieldError } from '../problems/problems.ts'
import { problemOf } from '../problems/refusals.ts'
import { SignedInShape, signedInAnswer } from '../sessions/token-answers.ts'
import { body, checkedText, newPassword, refreshTransport, textsOf } from '../shared/bodies.ts'
import { UserShape, userBody } from '../shared/user.ts'

/** What these routes ask the application for. */
export type AccountUseCases = {
  readonly registerUser: RegisterUser
  readonly checkRegistration: CheckRegistration
  readonly readProfile: ReadProfile
  readonly updateProfile: UpdateProfile
  readonly checkProfile: CheckProfile
  readonly deleteAccount: DeleteAccount
}

const email = checkedText(
  'An email address in any form. It is stored in lower case, with its domain as A-labels',
  { format: 'email', maxLength: EMAIL_MAXIMUM, examples: ['jo@example.com'] },
)
const username = checkedText(
  '3 to 30 letters, digits, `_`, `.` and `-`, counted after normalization to NFKC. All letters must be of the same script',
  {
    minLength: USERNAME_MINIMUM,
    maxLength: USERNAME_MAXIMUM,
    pattern: USERNAME_PATTERN,
    examples: ['johndoe'],
  },
)
const displayName = Type.Union([
  checkedText('1 to 100 visible characters, counted after normalization to NFC', {
    minLength: 1,
    maxLength: DISPLAY_NAME_MAXIMUM,
    examples: ['Jo Doe'],
  }),
  Type.Null(),
])
const avatar = Type.Union([
  checkedText('An https URL. The service passes it on and never fetches it', {
    format: 'uri',
    maxLength: AVATAR_MAXIMUM,
    pattern: '^https://',
    examples: ['https://cdn.example.com/jo.png'],
  }),
  Type.Null(),
])

const RegisterBody = body({
  email,
  username,
  password: newPassword,
  displayName: Type.Optional(displayName),
  refreshTransport,
})

const ProfileBody = body({
  username: Type.Optional(username),
  displayName: Type.Optional(displayName),
  avatar: Type.Optional(avatar),
})

/** The routes that create, read, change and delete the account of the caller. */
export const accountRoutes = (useCases: AccountUseCases, clients: Clients, guards: Guards) =>
  new Elysia()
    .use(guards)
    .post(
      '/v1/auth/register',
      async ({ body, request }) => {
        const key = idempotencyKey(request)
        if (!key.ok) {
          const others = fieldErrors(useCases.checkRegistration(body))
          return refuse(request, invalidRequest(key.refusal, ...others))
        }
        const { refreshTransport = 'body', ...fields } = body
        const registration = { displayName: null, ...fields, idempotencyKey: key.value }
        const registered = await useCases.registerUser(registration, clients.of(request))
        return registered.ok
          ? signedInAnswer(201, registered.value, refreshTransport)
          : refuse(request, problemOf(registered.refusal))
      },
      {
        parse: parseJsonWith((body) => fieldErrors(useCases.checkRegistration(textsOf(body)))),
        body: RegisterBody,
      },
    )
    .get(
      '/v1/users/me',
      async ({ caller, request }) => {
        const user = await useCases.readProfile(caller)
        return user === null ? refuse(request, GONE) : json(200, userBody(user), etag(user))
      },
      { signedIn: true },
    )
    .patch(
      '/v1/users/me',
      async ({ caller, body, request }) => {
        const updated = await useCases.updateProfile(caller, body, expectedVersions(request))
        return updated.ok
          ? json(200, userBody(updated.value), etag(updated.value))
          : refuse(request, ofOneself(updated.refusal))
      },
      {
        signedIn: true,
        parse: parseJsonWith((body) => fieldErrors(useCases.checkProfile(textsOf(body)))),
        body: ProfileBody,
      },
    )
    .delete(
      '/v1/users/me',
      async ({ caller, request }) => {
        const deleted = await useCases.deleteAccount(caller, expectedVersions(request))
        return deleted.ok ? noContent() : refuse(request, ofOneself(deleted.refusal))
      },
      { signedIn: true },
    )

const etag = ({ version }: { readonly version: number }) => ({ etag: versionTag(version) })

/** Callers who do not find themselves were deleted a moment ago: their token is worth nothing. */
const ofOneself = (refusal: Parameters<typeof problemOf>[0]) =>
  refusal.kind === 'not-found' ? GONE : problemOf(refusal)

const PRINTABLE = /^[\x20-\x7e]{1,255}$/

/** The client's Idempotency-Key; null when it sent none. */
const idempotencyKey = (request: Request): Result<string | null, FieldError> => {
  const key = request.headers.get('idempotency-key')
  return key === null || PRINTABLE.test(key)
    ? ok(key)
    : fail(fieldError('Idempotency-Key', 'not-printable'))
}

const IDEMPOTENCY_KEY: Parameter = {
  in: 'header',
  name: 'Idempotency-Key',
  description:
    'Makes it safe to repeat the request for 24 hours. The same key with the same body gives the same user and a new session. A key belongs to the email address in the body',
  schema: Type.String({ minLength: 1, maxLength: 255, pattern: '^[ -~]+$' }),
  example: '9f1c1a52-6f0e-4d0b-8a43-0f6d6f1f2f7e',
}

const USER = { description: 'The user', schema: UserShape, headers: ['ETag'] } as const

/** What the OpenAPI document says about these routes. */
export const ACCOUNT_OPERATIONS = {
  'POST /v1/auth/register': {
    id: 'registerUser',
    example: {
      email: 'jo@example.com',
      username: 'johndoe',
      password: 'four quiet lanterns',
      displayName: 'Jo',
    },
    tag: 'Accounts',
    summary: 'Register an account and sign in to it',
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
    id: 'readProfile',
    tag: 'Accounts',
    summary: 'Read your own profile',
    caller: 'required',
    answers: { 200: USER },
  },
  'PATCH /v1/users/me': {
    id: 'updateProfile',
    example: { displayName: 'Jo Doe', avatar: 'https://cdn.example.com/jo.png' },
    tag: 'Accounts',
    summary: 'Change your own profile',
    description: 'Fields that the body leaves out keep their value.',
    caller: 'required',
    parameters: [IF_MATCH],
    body: ProfileBody,
    answers: { 200: USER },
    problems: ['username-taken', 'version-mismatch', 'too-many-attempts'],
  },
  'DELETE /v1/users/me': {
    id: 'deleteAccount',
    tag: 'Accounts',
    summary: 'Delete your own account and all its sessions',
    description:
      'Requires a sign-in or a reauthentication in the last five minutes. A refresh does not count.',
    caller: 'required',
    parameters: [IF_MATCH],
    answers: { 204: { description: 'The account is deleted' } },
    problems: ['recent-login-required', 'last-admin', 'version-mismatch'],
  },
} as const satisfies Operations
