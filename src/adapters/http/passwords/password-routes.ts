import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { PasswordWeakness } from '../../../domain/passwords/password.ts'
import { PASSWORD_WEAKNESSES } from '../../../domain/passwords/password.ts'
import type {
  ChangePassword,
  CheckNewPassword,
  PasswordRules,
  ReadPasswordRules,
} from '../../../ports/driving/passwords/passwords.ts'
import { noContent, refuse } from '../edge/answers.ts'
import type { Clients } from '../edge/client.ts'
import { cacheable, FIVE_MINUTES } from '../edge/entity-tags.ts'
import type { CheckFields } from '../edge/exchange.ts'
import type { Guards } from '../edge/guards.ts'
import { parseJsonWith } from '../edge/json-body.ts'
import type { Operations } from '../openapi/operation.ts'
import { fieldError, fieldErrors } from '../problems/invalid-fields.ts'
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

/** The rules for passwords, and the password of whoever asks. */
export const passwordRoutes = (useCases: PasswordUseCases, clients: Clients, guards: Guards) => {
  const rules = JSON.stringify(rulesBody(useCases.readPasswordRules()))
  return new Elysia()
    .use(guards)
    .get('/v1/auth/password-rules', ({ request }) =>
      cacheable(request, rules, 'application/json', FIVE_MINUTES),
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
      { signedIn: true, parse: parseJsonWith(checkFields(useCases)), body: ChangePasswordBody },
    )
}

const PasswordRulesShape = Type.Object(
  {
    minimumLength: Type.Integer({ description: 'In characters (Unicode code points)' }),
    maximumLength: Type.Integer({ description: 'In characters (Unicode code points)' }),
    weaknesses: Type.Array(
      Type.Object(
        {
          code: Type.String({ description: 'As in `errors` of a refused password' }),
          detail: Type.String({ description: 'The sentence that a page can show' }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { $id: 'PasswordRules', additionalProperties: false },
)

const rulesBody = ({
  minimumLength,
  maximumLength,
}: PasswordRules): Static<typeof PasswordRulesShape> => {
  const limits: { readonly [weakness in PasswordWeakness]?: number } = {
    'too-short': minimumLength,
    'too-long': maximumLength,
  }
  const weaknesses = PASSWORD_WEAKNESSES.map((weakness) => {
    const { code, detail } = fieldError('', weakness, limits[weakness])
    return { code, detail }
  })
  return { minimumLength, maximumLength, weaknesses }
}

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
  'GET /v1/auth/password-rules': {
    id: 'readPasswordRules',
    tag: 'Accounts',
    summary: 'Read what a new password must be like',
    answers: {
      200: { description: 'The rules', schema: PasswordRulesShape, headers: ['ETag'] },
      304: { description: 'The client has the current version already', headers: ['ETag'] },
    },
  },
  'POST /v1/users/me/password': {
    id: 'changePassword',
    example: { currentPassword: 'four quiet lanterns', newPassword: 'seven copper kettles' },
    tag: 'Accounts',
    summary: 'Change your own password',
    caller: 'required',
    body: ChangePasswordBody,
    answers: { 204: { description: 'The password is changed, and all other sessions have ended' } },
    problems: ['wrong-password', 'recent-login-required', 'weak-password', 'too-many-attempts'],
  },
} as const satisfies Operations
