import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export type Certificate = { readonly certificate: string; readonly key: string }

// Just enough DER (X.690) for one X.509 certificate (RFC 5280), so that tests need no program that makes them.
const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts)
  const size = content.length
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}
const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts)
const bytes = (hex: string) => Buffer.from(hex, 'hex')
const text = (tag: number, value: string) => der(tag, Buffer.from(value, 'ascii'))
const extension = (oid: string, value: Uint8Array) =>
  sequence(der(0x06, bytes(oid)), der(0x04, value))

const ECDSA_WITH_SHA256 = sequence(der(0x06, bytes('2a8648ce3d040302')))
const name = (common: string) =>
  sequence(der(0x31, sequence(der(0x06, bytes('550403')), text(0x0c, common))))
const VALID = sequence(text(0x17, '200101000000Z'), text(0x17, '491231235959Z'))
const EXTENSIONS = sequence(
  extension('551d13', sequence(der(0x01, bytes('ff')))),
  extension('551d11', sequence(text(0x82, 'localhost'), der(0x87, bytes('7f000001')))),
)

/** For 127.0.0.1 and localhost, its own authority; in PEM. */
export const selfSignedCertificate = (): Certificate => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const body = sequence(
    der(0xa0, der(0x02, bytes('02'))),
    der(0x02, Buffer.from([1]), randomBytes(8)),
    ECDSA_WITH_SHA256,
    name('test'),
    VALID,
    name('test'),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, EXTENSIONS),
  )
  const signature = sign('sha256', body, privateKey)
  const whole = sequence(body, ECDSA_WITH_SHA256, der(0x03, bytes('00'), signature))
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${whole.toString('base64')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  }
}
