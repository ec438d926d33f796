import type { Browser, BrowserContext, Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { atTheEnd } from '../../processes/test-run/at-the-end.ts'
import { provideBrowser } from './provide-browser.ts'

/** A profile of its own, with all that its pages complained about. */
export type Profile = {
  readonly context: BrowserContext
  newPage(): Promise<Page>
  /** Scripts that failed, policies that were broken; answers that are no success are no complaint. */
  complaints(): readonly string[]
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

let browser: Promise<Browser> | null = null

const launch = async (): Promise<Browser> => {
  const { path } = await provideBrowser()
  const launched = await chromium.launch({ executablePath: path, args: FLAGS, timeout: 60_000 })
  atTheEnd(() => launched.close())
  return launched
}

/** One browser for all tests of this process, and nothing in it that another test has left. */
export const givenProfile = async (): Promise<Profile> => {
  browser ??= launch()
  const context = await (await browser).newContext({ viewport: { width: 900, height: 1000 } })
  // Whatever hangs fails by itself, before the test runner's own limit hides where.
  context.setDefaultTimeout(15_000)
  const heard: string[] = []
  context.on('weberror', (fault) => heard.push(fault.error().message))
  context.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      heard.push(message.text())
  })
  return { context, newPage: () => context.newPage(), complaints: () => heard }
}
