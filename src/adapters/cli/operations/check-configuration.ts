import type { Finding } from './findings.ts'
import { ill, well } from './findings.ts'

export type ConfigurationNeeds = {
  readonly mode: 'development' | 'test' | 'production'
  readonly publicUrl: string
  /** Servers beyond this machine that are reached without TLS and that ALLOW_PLAINTEXT does not name. */
  readonly plaintextServers: readonly { readonly service: string; readonly variable: string }[]
}

/** Whether the settings are safe that can be read and are still allowed. */
export const checkConfiguration = (needs: ConfigurationNeeds): Finding => {
  const { mode, publicUrl, plaintextServers } = needs
  if (mode !== 'production' || plaintextServers.length === 0) return well(`${mode}, ${publicUrl}`)
  const variables = plaintextServers.map(({ variable }) => variable).join(', ')
  const services = [...new Set(plaintextServers.map(({ service }) => service))].join(',')
  return ill(
    `${variables} without TLS, beyond this machine. Use TLS, or set ALLOW_PLAINTEXT=${services} if the network is private`,
  )
}
