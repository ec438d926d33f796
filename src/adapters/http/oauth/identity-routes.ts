import { Elysia } from 'elysia'
import { json, noContent, refuse } from '../edge/answers.ts'
import type { Clients } from '../edge/client.ts'
import type { Guards } from '../edge/guards.ts'
import { parseJson } from '../edge/json-body.ts'
import { readPageQuery } from '../edge/page-query.ts'
import type { UseCases } from '../needs.ts'
import { problemOf } from '../problems/refusals.ts'
import { LinkBody } from '../request-bodies.ts'
import { identityPage } from './identity-page.ts'

type Needs = Pick<UseCases, 'listIdentities' | 'askForLink' | 'unlinkIdentity'>

/** The identities at providers that open the account of whoever asks. */
export const identityRoutes = (useCases: Needs, clients: Clients, guards: Guards) =>
  new Elysia()
    .use(guards)
    .get(
      '/v1/users/me/identities',
      async ({ caller, request }) => {
        const query = readPageQuery(request, 'cursor')
        if (!query.ok) return refuse(request, query.refusal)
        const page = identityPage(await useCases.listIdentities(caller), query.value)
        return page.ok ? json(200, page.value) : refuse(request, page.refusal)
      },
      { signedIn: true },
    )
    .post(
      '/v1/users/me/identities/:provider',
      async ({ caller, params, body, request }) => {
        const { addressPrefix } = clients.of(request)
        const asked = await useCases.askForLink(caller, params.provider, body, addressPrefix)
        return asked.ok ? json(200, asked.value) : refuse(request, problemOf(asked.refusal))
      },
      { signedIn: true, parse: parseJson, body: LinkBody },
    )
    .delete(
      '/v1/users/me/identities/:provider',
      async ({ caller, params, request }) => {
        const unlinked = await useCases.unlinkIdentity(caller, params.provider)
        return unlinked.ok ? noContent() : refuse(request, problemOf(unlinked.refusal))
      },
      { signedIn: true },
    )
