import type { RedirectUris } from '../../../domain/oauth/redirect-uri.ts'
import type { ProblemPage } from '../edge/exchange.ts'
import { acceptsHtml, exchangeOf } from '../edge/exchange.ts'
import { htmlPage, inHtml } from '../shared/page.ts'

/**
 * Lets the problems of a request that a browser navigates with be pages, with a way back to the client. A program that does not
 * ask for HTML gets problem+json.
 */
export type ShowProblemsAsPages = {
  (request: Request): void
  /** The same, with the address at which the client takes the sign-in back. */
  (request: Request, returnTo: string | null): void
}

export const makeShowProblemsAsPages = (redirectUris: RedirectUris): ShowProblemsAsPages => {
  const clients = redirectUris === 'loopback' ? [] : [...new Set(redirectUris.flatMap(originOf))]
  return (request: Request, returnTo: string | null = null) => {
    if (!acceptsHtml(request)) return
    exchangeOf(request).page = pageWith(returnTo === null ? clients : [returnTo])
  }
}

const originOf = (uri: string): readonly string[] =>
  /^https?:\/\//.test(uri) && URL.canParse(uri) ? [`${new URL(uri).origin}/`] : []

const pageWith =
  (links: readonly string[]): ProblemPage =>
  ({ title, meaning, remedy }, { code, traceId }) =>
    htmlPage(
      title,
      `<p>${inHtml(meaning)}</p>
<p>${inHtml(remedy)}</p>
${links.map((link) => `<p><a href="${inHtml(link)}">Back to ${inHtml(placeOf(link))}</a></p>`).join('\n')}
<p>If you close this page and open the app again, you can start the sign-in from there.</p>
<p><small>${code}, ${traceId}</small></p>`,
    )

const placeOf = (link: string): string => (URL.canParse(link) && new URL(link).host) || 'the app'
