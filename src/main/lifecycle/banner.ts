import { shownHost } from '../../domain/shared/server-address.ts'
import type { Config, ListenAddress } from '../config/config.ts'
import { embeddedParts, VERSION } from '../config/config.ts'
import type { Demo } from './demo.ts'
import { isTerminal, printOut } from './print.ts'

/** Fills the first seconds of a start on a development machine, which would be silent. */
export const writePreparing = ({ mode }: Config): void => {
  if (mode === 'development') printOut('Preparing the database…')
}

/**
 * Whether the banner tells a person what the log would say about the start. Else the log says it, so that each warning is
 * there once.
 */
export const isToldByBanner = ({ mode }: Config): boolean => mode === 'development' && isTerminal()

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
    ...(isToldByBanner(config) ? warnings(config, demo) : []),
    '',
    '  Ctrl-C stops it.',
    '',
  )
}

const warnings = (config: Config, demo: Demo | null): readonly string[] => {
  const parts = embeddedParts(config)
  return [
    ...(parts.length === 0
      ? []
      : [
          '',
          `  ! Embedded, for development only: ${parts.join(', ')}.`,
          '    Data in the database survives a crash, not a power cut. Limits and events in memory do not survive a restart.',
        ]),
    ...(demo?.hasFakeProviders === true
      ? ['', '  ! Google, Facebook and LINE are fakes here: anybody can sign in as anybody.']
      : []),
  ]
}

const addressOf = ({ host, port }: ListenAddress): string =>
  `http://${shownHost(['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host) ? 'localhost' : host, port)}`
