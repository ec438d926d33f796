import { consentPage, refusalPage } from './consent-page.ts'
import type { ProviderName } from './names.ts'
import type { Person } from './people.ts'
import { readDecision } from './people.ts'
import type { Answer, Call, Needs, Route } from './provider.ts'
import { withOverrides } from './provider.ts'

type Rules = {
  readonly path: RegExp
  readonly scopesRequired: readonly string[]
  /** `openid email`, or `public_profile,email`. */
  readonly scopeSeparator: ' ' | ','
  /** Parameters of the redirect back, in addition to `code` and `state`. */
  readonly extra: (scopes: readonly string[]) => Readonly<Record<string, string>>
  /** Parameters of the redirect back after a cancellation, in addition to `state`. */
  readonly denied: Readonly<Record<string, string>>
  readonly fragment: string
}

/** The page to which the service sends the browser. It asks who the user is, and redirects back. */
export const authorizeRoutes = (name: ProviderName, needs: Needs, rules: Rules): Route[] => {
  const onPath = (method: Route['method'], answer: Route['answer']): Route => ({
    method,
    path: rules.path,
    endpoint: 'authorize',
    answer: (call) => {
      const complaint = complaintOf(call, needs, rules)
      return complaint === null ? answer(call) : page(400, refusalPage(name, complaint))
    },
  })
  return [
    onPath('GET', ({ query }) =>
      page(200, consentPage(name, scopesOf(query, rules).includes('email'))),
    ),
    onPath('POST', ({ query, form }) => {
      const decision = readDecision(form)
      return decision === 'deny'
        ? back(query, rules.denied, needs, rules)
        : agree(name, query, decision, needs, rules)
    }),
  ]
}

const agree = (
  provider: ProviderName,
  query: URLSearchParams,
  person: Person,
  needs: Needs,
  rules: Rules,
): Answer => {
  const scopes = scopesOf(query, rules)
  const code = needs.grants.issue({
    provider,
    person,
    scopes,
    clientId: needs.registration.id,
    redirectUri: query.get('redirect_uri') ?? '',
    nonce: query.get('nonce'),
    challenge: query.get('code_challenge'),
  })
  return back(query, { code, ...rules.extra(scopes) }, needs, rules)
}

const scopesOf = (query: URLSearchParams, { scopeSeparator }: Rules): readonly string[] =>
  (query.get('scope') ?? '').split(scopeSeparator).filter((scope) => scope !== '')

/** Why the request is refused; null when it is valid. The browser is never redirected to an unregistered address. */
const complaintOf = ({ query }: Call, needs: Needs, rules: Rules): string | null => {
  if (query.get('client_id') !== needs.registration.id) return 'client_id is not known here'
  if (!needs.isRegisteredRedirect(query.get('redirect_uri') ?? ''))
    return 'redirect_uri is not registered'
  if (query.get('response_type') !== 'code') return 'response_type must be code'
  if (query.has('code_challenge') && query.get('code_challenge_method') !== 'S256')
    return 'code_challenge_method must be S256'
  const scopes = scopesOf(query, rules)
  const missing = rules.scopesRequired.find((scope) => !scopes.includes(scope))
  return missing === undefined ? null : `scope must contain ${missing}`
}

const back = (
  query: URLSearchParams,
  parameters: Readonly<Record<string, string>>,
  { misbehaviour }: Needs,
  { fragment }: Rules,
): Answer => {
  const target = new URL(query.get('redirect_uri') ?? '')
  const state = query.get('state') ?? undefined
  const all = withOverrides({ state, ...parameters }, misbehaviour().redirect)
  for (const [name, value] of Object.entries(all)) target.searchParams.set(name, String(value))
  target.hash = fragment
  return {
    status: 302,
    headers: { location: target.href, 'cache-control': 'no-store' },
    body: '',
  }
}

const page = (status: number, body: string): Answer => ({
  status,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    // Without form-action: browsers apply it to the redirect after the form too.
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  },
  body,
})
