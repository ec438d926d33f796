import { Elysia } from 'elysia'

/** Prometheus text format, version 0.0.4. */
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** On the management listener, and outside production on the public one too. */
export const metricsRoutes = (metricsText: () => Promise<string>) =>
  new Elysia().get(
    '/metrics',
    async () => new Response(await metricsText(), { headers: { 'content-type': CONTENT_TYPE } }),
  )
