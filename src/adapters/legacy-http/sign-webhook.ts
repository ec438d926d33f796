import { Webhook } from 'standardwebhooks'

/** The headers that show who sent a request, and when. */
export type SignWebhook = (id: string, at: Date, body: string) => Readonly<Record<string, string>>

/**
 * Signs by Standard Webhooks, once with each secret: a receiver that has been given the next one accepts it before the
 * present one is taken away.
 */
export const makeSignWebhook = (secrets: readonly string[]): SignWebhook => {
  const signers = secrets.map((secret) => new Webhook(secret))
  return (id, at, body) => ({
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signers.map((signer) => signer.sign(id, at, body)).join(' '),
  })
}
