import { Webhook } from 'standardwebhooks'

/** The headers that prove who sent a request, and when. */
export type SignWebhook = (id: string, at: Date, body: string) => Readonly<Record<string, string>>

/**
 * Signs by Standard Webhooks, once with each secret. While a secret is being replaced, a receiver accepts the request with
 * the old or the new one.
 */
export const makeSignWebhook = (secrets: readonly string[]): SignWebhook => {
  const signers = secrets.map((secret) => new Webhook(secret))
  return (id, at, body) => ({
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signers.map((signer) => signer.sign(id, at, body)).join(' '),
  })
}
