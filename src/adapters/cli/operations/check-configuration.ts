import type { Finding } from './findings.ts'
import { ill, warned, well } from './findings.ts'

export type ConfigurationNeeds = {
  readonly mode: 'development' | 'test' | 'production'
  readonly publicUrl: string
  /** Servers beyond this machine that are reached without TLS and that ALLOW_PLAINTEXT does not name. */
  readonly plaintextServers: readonly { readonly service: string; readonly variable: string }[]
  /** Parameters of addresses that have no effect. */
  readonly ignoredParameters: readonly { readonly variable: string; readonly parameter: string }[]
}

/** Whether the settings are safe that can be read and are still allowed. */
export const checkConfiguration = (needs: ConfigurationNeeds): Finding => {
  const { mode, publicUrl, plaintextServers, ignoredParameters } = needs
  if (mode !== 'production' || plaintextServers.length === 0) {
    const detail = `${mode}, ${publicUrl}`
    if (ignoredParameters.length === 0) return well(detail)
    const names = ignoredParameters.map(({ variable, parameter }) => `${parameter} of ${variable}`)
    return warned(`${detail}; without effect: ${names.join(', ')}`)
  }
  const variables = plaintextServers.map(({ variable }) => variable).join(', ')
  const services = [...new Set(plaintextServers.map(({ service }) => service))].join(',')
  return ill(
    `${variables} without TLS, beyond this machine. Use TLS, or set ALLOW_PLAINTEXT=${services} if the network is private`,
  )
}
