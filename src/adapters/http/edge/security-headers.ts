type Header = readonly [name: string, value: string]

const ALWAYS: readonly Header[] = [
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-resource-policy', 'same-origin'],
]

/** Set unless the route has its own. */
const BY_DEFAULT: readonly Header[] = [
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['cache-control', 'no-store'],
]

const HSTS: Header = ['strict-transport-security', 'max-age=31536000; includeSubDomains']

/** Adds to every answer what browsers and caches have to know. */
export const makeSecurityHeaders = (production: boolean): ((headers: Headers) => void) => {
  const always = production ? [...ALWAYS, HSTS] : ALWAYS
  return (headers) => {
    for (const [name, value] of always) headers.set(name, value)
    for (const [name, value] of BY_DEFAULT) if (!headers.has(name)) headers.set(name, value)
  }
}
