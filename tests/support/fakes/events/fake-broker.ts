/** A Pact Broker with the given Pacts of `auth-service`, as far as a verifier asks one. */
export const fakeBroker = (pacts: readonly string[], token: string) => {
  const published: Readonly<Record<string, unknown>>[] = []
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      if (request.headers.get('authorization') !== `Bearer ${token}`)
        return new Response(null, { status: 401 })
      const { origin, pathname } = new URL(request.url)
      const link = (path: string) => ({ href: `${origin}${path}` })
      const [, kind, number] = pathname.split('/')
      if (kind === 'results') {
        published.push(JSON.parse(await request.text()))
        return hal({ _links: { self: link(pathname) } }, 201)
      }
      if (kind === 'pact')
        return hal({
          ...JSON.parse(pacts[Number(number)] ?? '{}'),
          _links: { self: link(pathname), 'pb:publish-verification-results': link('/results') },
        })
      if (kind === 'for-verification')
        return hal({
          _links: { self: link(pathname) },
          _embedded: {
            pacts: pacts.map((_, place) => ({
              shortDescription: 'latest',
              verificationProperties: { pending: false, notices: [] },
              _links: { self: { ...link(`/pact/${place}`), name: `pact ${place}` } },
            })),
          },
        })
      return hal({ _links: { 'pb:provider-pacts-for-verification': link('/for-verification') } })
    },
  })
  const url = `http://127.0.0.1:${server.port}`
  return { url, published, close: () => server.stop(true) }
}

const hal = (body: object, status = 200) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/hal+json' },
  })
