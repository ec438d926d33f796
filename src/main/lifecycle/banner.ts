import type { Config, ListenAddress } from '../config/config.ts'
import { embeddedParts, VERSION } from '../config/config.ts'
import type { Demo } from './demo.ts'
import { printOut } from './print.ts'

/** Prints where the service is, on a development machine. Elsewhere the log says it. */
export const writeBanner = (config: Config, demo: Demo | null): void => {
  if (config.mode !== 'development') return
  const api = addressOf(config.listener)
  const isKept = config.dataDirectory !== 'memory:'
  printOut(
    '',
    `  auth-service ${VERSION} is ready`,
    '',
    `  API         ${api}`,
    ...(config.docs ? [`  Documents   ${api}/docs`] : []),
    ...(demo === null ? [] : [`  Example     ${demo.pageUrl}`]),
    `  Health      ${addressOf(config.management)}/health`,
    ...(config.databaseUrl === null
      ? [`  Data        ${isKept ? config.dataDirectory : 'in memory, gone when it stops'}`]
      : []),
    ...warning(embeddedParts(config)),
    ...(demo?.hasFakeProviders === true ? FAKES : []),
    '',
    '  Ctrl-C stops it.',
    '',
  )
}

const warning = (parts: readonly string[]): readonly string[] =>
  parts.length === 0
    ? []
    : [
        '',
        `  ! Embedded, for development only: ${parts.join(', ')}.`,
        '    Data in the database survives a crash, not a power cut. Limits and events in memory do not survive a restart.',
      ]

const FAKES = ['', '  ! Google, Facebook and LINE are fakes here: anybody can sign in as anybody.']

const addressOf = ({ host, port }: ListenAddress): string =>
  `http://${['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host) ? 'localhost' : host}:${port}`
