import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import type { Environment } from '../config/setting.ts'

/** What runs beside the service on a development machine. */
export type Demo = {
  /** Where the example page is. */
  readonly pageUrl: string
  readonly hasFakeProviders: boolean
  /** Settings that lead the service to the fake providers; none where real ones are set. */
  readonly settings: Environment
}

/** Null where there is no demo: in production, in tests, where DEMO is false, and where the examples are not installed. */
export type OpenDemo = (config: Config) => Promise<Demo | null>

const EXAMPLES = new URL('../../../examples/', import.meta.url)
const PAGE_PORT = 3002

/**
 * Starts the example page, and fake providers at which anybody may sign in. Only this file imports them, and only when they
 * are wanted: the service also starts without the folder of examples. They end with the process.
 */
export const openDemo: OpenDemo = async (config) => {
  if (!config.demo || !existsSync(EXAMPLES)) return null
  const { serveExamplePage } = await import('../../../examples/web/serve.ts')
  const servePage = (port: number) => serveExamplePage({ service: config.publicUrl, port })
  // Another service may serve its own page on that port.
  const page = await servePage(PAGE_PORT).catch(() => servePage(0))
  const settings = await openFakeProviders(config)
  return { pageUrl: page.url, hasFakeProviders: settings !== null, settings: settings ?? {} }
}

/** Null where a real provider is configured: then only the real ones are offered. */
const openFakeProviders = async (config: Config): Promise<Environment | null> => {
  if (config.providers.length > 0) return null
  const { startFakeProviders } = await import(
    '../../../examples/fake-providers/start-fake-providers.ts'
  )
  const callbacks = `${config.publicUrl}/v1/auth/oauth/`
  const { settings } = await startFakeProviders({
    isRegisteredRedirect: (redirectUri) => redirectUri.startsWith(callbacks),
  })
  return settings
}
