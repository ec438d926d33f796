import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type {
  ChangePassword,
  CheckNewPassword,
  ReadPasswordRules,
} from '../../../ports/driving/passwords/passwords.ts'
import { noContent, refuse } from '../edge/answers.ts'
import type { Clients } from '../edge/client.ts'
import type { CheckFields } from '../edge/exchange.ts'
import type { Guards } from '../edge/guards.ts'
import { parseJsonWith } from '../edge/json-body.ts'
import type { Operations } from '../openapi/operation.ts'
import { fieldErrors } from '../problems/invalid-fields.ts'
import { problemOf } from '../problems/refusals.ts'
import { body, newPassword, secret, textsOf } from '../shared/bodies.ts'

/** What these routes ask the application for. */
export type PasswordUseCases = {
  readonly changePassword: ChangePassword
  readonly checkNewPassword: CheckNewPassword
  readonly readPasswordRules: ReadPasswordRules
}

const ChangePasswordBody = body({
  currentPassword: Type.Optional(secret('May be left out only if the account has no password')),
  newPassword,
})

/** The password of whoever asks. */
export const passwordRoutes = (useCases: PasswordUseCases, clients: Clients, guards: Guards) =>
  new Elysia().use(guards).post(
    '/v1/users/me/password',
    async ({ caller, body, request }) => {
      const changed = await useCases.changePassword(
        caller,
        { currentPassword: null, ...body },
        clients.of(request),
      )
      return changed.ok ? noContent() : refuse(request, problemOf(changed.refusal))
    },
    { signedIn: true, parse: parseJsonWith(checkFields(useCases)), body: ChangePasswordBody },
  )

const checkFields =
  ({ checkNewPassword }: Pick<PasswordUseCases, 'checkNewPassword'>): CheckFields =>
  async (body, { caller }) => {
    const { newPassword } = textsOf(body)
    return caller === null || newPassword === undefined
      ? []
      : fieldErrors(await checkNewPassword(caller, newPassword))
  }

/** What the OpenAPI document says about these routes. */
export const PASSWORD_OPERATIONS = {
  'POST /v1/users/me/password': {
    tag: 'Accounts',
    summary: 'Change your own password',
    caller: 'required',
    body: ChangePasswordBody,
    answers: { 204: { description: 'The password is changed, and all other sessions have ended' } },
    problems: ['wrong-password', 'recent-login-required', 'weak-password', 'too-many-attempts'],
  },
} as const satisfies Operations
