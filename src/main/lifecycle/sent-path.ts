import type { ServerRequest } from 'srvx'

type Answer = (request: ServerRequest, server: unknown) => Response | Promise<Response>
type Params = { readonly params?: Readonly<Record<string, string>> }

/** More segments than any route has. */
const MOST_SEGMENTS = 10

/**
 * Routes for `Bun.serve`, one for each number of segments. Bun tidies the URL of a request and keeps nothing of what was sent,
 * but it matches routes against the path as it was sent, so `params` shows the segments of that path, each decoded. A path with
 * an empty segment matches none of them.
 */
export const bunRoutes = (answer: Answer): Readonly<Record<string, Answer>> => {
  const segments = Array.from({ length: MOST_SEGMENTS }, (_, index) => `/:s${index}`)
  const paths = segments.map((_, index) => segments.slice(0, index + 1).join(''))
  return Object.fromEntries(['/', ...paths].map((path) => [path, answer]))
}

/**
 * Whether the runtime changed the path before it handed the request over. A proxy that guards a path by its name has seen another
 * path than the one in `request.url`: `/x/%2e%2e/admin` for `/admin`. Deno changes nothing.
 */
export const isPathTidied = (request: ServerRequest & Params): boolean => {
  const { runtime, params } = request
  if (runtime?.name === 'bun')
    return params === undefined || Object.values(params).some(isTidiedSegment)
  const sent = runtime?.node?.req.url
  return sent !== undefined && pathIn(sent) !== pathIn(request.url)
}

/** What the URL parser removes or splits (WHATWG URL, path state). */
const isTidiedSegment = (segment: string): boolean =>
  segment === '.' || segment === '..' || segment.includes('\\')

/** The path in a request target of origin form or absolute form (RFC 9112 §3.2). */
const pathIn = (target: string): string =>
  target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#\\]*/i, '').replace(/\?.*$/s, '')
