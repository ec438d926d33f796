import type { PublicApiSettings } from '../adapters/http/public-api.ts'
import type { Config } from './config.ts'
import { VERSION } from './version.ts'

/** The part of the configuration that the routes answer by. */
export const apiSettings = (config: Config, startedAt: Date): PublicApiSettings => ({
  production: config.mode === 'production',
  publicUrl: config.publicUrl,
  issuer: config.jwt.issuer,
  docs: config.docs,
  trustedProxyHops: config.trustedProxyHops,
  corsOrigins: config.cors.anyLoopbackPort ? 'loopback' : config.cors.origins,
  version: VERSION,
  startedAt,
  metrics: config.mode === 'production' ? 'management' : 'public',
})
