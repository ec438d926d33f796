/** One template with the methods that it takes. */
export type Route = {
  readonly template: string
  readonly methods: ReadonlySet<string>
  /** The `Allow` header. */
  readonly allow: string
}

export type RouteTable = {
  /** Undefined for a path that no template describes. */
  match(path: string): Route | undefined
}

type Declared = {
  readonly method: string
  readonly path: string
  /** A GET that changes something: it is not answered to a HEAD, which must change nothing. */
  readonly isSpent?: boolean
}

/**
 * Knows which templates exist, so that an unknown path, a wrong method and a metric's label are decided in one
 * place, before anything else is done for a request.
 */
export const makeRouteTable = (declared: readonly Declared[]): RouteTable => {
  const templates = [...new Set(declared.map(({ path }) => path))]
  const routes = templates.map((template) =>
    route(
      template,
      declared.filter(({ path }) => path === template),
    ),
  )
  const fixed = new Map(routes.map((each) => [each.template, each]))
  const open = routes
    .filter(({ template }) => template.includes(':'))
    .map((each) => ({ route: each, segments: each.template.split('/') }))
  return {
    match: (path) =>
      fixed.get(path) ?? open.find(({ segments }) => fits(segments, path.split('/')))?.route,
  }
}

const route = (template: string, declared: readonly Declared[]): Route => {
  const methods = new Set(declared.map(({ method }) => method))
  if (methods.has('GET') && !declared.some(({ isSpent }) => isSpent === true)) methods.add('HEAD')
  return { template, methods, allow: [...methods, 'OPTIONS'].toSorted().join(', ') }
}

const fits = (template: readonly string[], path: readonly string[]): boolean =>
  template.length === path.length &&
  template.every((segment, index) =>
    segment.startsWith(':') ? SEGMENT.test(path[index] ?? '') : segment === path[index],
  )

/** Unreserved characters as they are (RFC 3986 §2.3): no id or name needs an escape, so a second spelling is no address here. */
const SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9._~-]+$/
