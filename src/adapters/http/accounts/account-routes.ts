import { Elysia } from 'elysia'
import { json, noContent, refuse } from '../edge/answers.ts'
import type { Clients } from '../edge/client.ts'
import { expectedVersions, versionTag } from '../edge/entity-tags.ts'
import type { Guards } from '../edge/guards.ts'
import { GONE } from '../edge/guards.ts'
import { idempotencyKey } from '../edge/idempotency-key.ts'
import { parseJson } from '../edge/json-body.ts'
import type { UseCases } from '../needs.ts'
import { problemOf } from '../problems/refusals.ts'
import { userBody } from '../representations.ts'
import { ChangePasswordBody, ProfileBody, RegisterBody } from '../request-bodies.ts'
import { signedInAnswer } from '../sessions/token-answers.ts'

type Needs = Pick<
  UseCases,
  'registerUser' | 'readProfile' | 'updateProfile' | 'deleteAccount' | 'changePassword'
>

/** The account of whoever asks: made, read, changed, removed. */
export const accountRoutes = (useCases: Needs, clients: Clients, guards: Guards) =>
  new Elysia()
    .use(guards)
    .post(
      '/v1/auth/register',
      async ({ body, request }) => {
        const key = idempotencyKey(request)
        if (!key.ok) return refuse(request, key.refusal)
        const { refreshTransport = 'body', ...fields } = body
        const registration = { displayName: null, ...fields, idempotencyKey: key.value }
        const registered = await useCases.registerUser(registration, clients.of(request))
        return registered.ok
          ? signedInAnswer(201, registered.value, refreshTransport)
          : refuse(request, problemOf(registered.refusal))
      },
      { parse: parseJson, body: RegisterBody },
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
      { signedIn: true, parse: parseJson, body: ProfileBody },
    )
    .delete(
      '/v1/users/me',
      async ({ caller, request }) => {
        const deleted = await useCases.deleteAccount(caller, expectedVersions(request))
        return deleted.ok ? noContent() : refuse(request, ofOneself(deleted.refusal))
      },
      { signedIn: true },
    )
    .post(
      '/v1/users/me/password',
      async ({ caller, body, request }) => {
        const changed = await useCases.changePassword(
          caller,
          { currentPassword: null, ...body },
          clients.of(request),
        )
        return changed.ok ? noContent() : refuse(request, problemOf(changed.refusal))
      },
      { signedIn: true, parse: parseJson, body: ChangePasswordBody },
    )

const etag = ({ version }: { readonly version: number }) => ({ etag: versionTag(version) })

/** Callers who do not find themselves were deleted a moment ago: their token is worth nothing. */
const ofOneself = (refusal: Parameters<typeof problemOf>[0]) =>
  refusal.kind === 'not-found' ? GONE : problemOf(refusal)
