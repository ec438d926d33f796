import type { Config, Listener } from './config.ts'
import { printOut } from './print.ts'
import { VERSION } from './version.ts'

/** Greets whoever starts the service at their desk; elsewhere the log says it all. */
export const writeBanner = (config: Config): void => {
  if (config.mode !== 'development') return
  const api = addressOf(config.listener)
  const isKept = config.dataDirectory !== 'memory:'
  printOut(
    '',
    `  auth-service ${VERSION} is ready`,
    '',
    `  API         ${api}`,
    ...(config.docs ? [`  Documents   ${api}/docs`] : []),
    `  Health      ${addressOf(config.management)}/health`,
    `  Data        ${isKept ? config.dataDirectory : 'in memory, gone when it stops'}`,
    '',
    '  ! Database, limits and events are embedded: for development only.',
    '    They survive a crash, not a power cut.',
    '',
    '  Ctrl-C stops it.',
    '',
  )
}

const addressOf = ({ host, port }: Listener): string =>
  `http://${['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host) ? 'localhost' : host}:${port}`
