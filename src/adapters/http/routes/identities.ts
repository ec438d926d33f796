import { Elysia } from 'elysia'
import { json, noContent, refuse } from '../answers.ts'
import type { Clients } from '../client.ts'
import type { Guards } from '../guards.ts'
import { identityPage } from '../identity-page.ts'
import { parseJson } from '../json-body.ts'
import type { UseCases } from '../needs.ts'
import { readPageQuery } from '../page-query.ts'
import { problemOf } from '../refusals.ts'
import { LinkBody } from '../request-bodies.ts'

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
