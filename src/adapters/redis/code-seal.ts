import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'

/**
 * Everything that is stored about a code is made with the code as the key. Somebody who can read the store and does not have
 * the code learns neither the code nor the state nor the grant.
 */
export type CodeSeal = {
  /** The name under which the code is stored. */
  readonly name: string
  macOfState(state: string): string
  seal(text: string): string
  /** @throws Error when it was not sealed with this code. */
  open(sealed: string): string
}

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Derives the keys of one code. */
export const codeSeal = (code: string): CodeSeal => {
  const derive = (purpose: string, text = '') =>
    createHmac('sha256', code).update(`${purpose}\0${text}`).digest()
  const key = derive('grant')
  return {
    name: derive('name').toString('base64url'),
    macOfState: (state) => derive('state', state).toString('base64url'),
    seal: (text) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, key, nonce)
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
    },
    open: (sealed) => {
      const bytes = Buffer.from(sealed, 'base64url')
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES))
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
      const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES))
      return Buffer.concat([text, decipher.final()]).toString('utf8')
    },
  }
}
