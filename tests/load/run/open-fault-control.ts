import type { Running } from '../../support/servers/server.ts'

/** Lets k6 freeze a server and thaw it, by POST. Its address. */
export const openFaultControl = (target: Pick<Running, 'freeze' | 'thaw'>) => {
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: async (request) => {
      const { pathname } = new URL(request.url)
      if (pathname === '/freeze') await target.freeze()
      else if (pathname === '/thaw') await target.thaw()
      else return new Response(null, { status: 404 })
      return new Response(null, { status: 204 })
    },
  })
  return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) }
}
