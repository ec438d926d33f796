import type { FindMessage } from './find-message.ts'
import type { ProviderState } from './read-contract.ts'

const TEXT = { 'content-type': 'text/plain; charset=utf-8' }
/** A verifier sends a description and its states, and nothing else. */
const BODY_LIMIT = 64 * 1024

/**
 * The endpoint where a Pact verifier of any language asks for messages. The request is a `POST` with description and
 * provider states. The answer has the message in its body, and the metadata as base64 of JSON in the header
 * `Pact-Message-Metadata`. A verifier never sends the metadata that it expects.
 */
export const makeMessageEndpoint =
  (findMessage: FindMessage) =>
  async (request: Request): Promise<Response> => {
    if (request.method !== 'POST')
      return refused(405, 'This is where a Pact verifier asks for messages: POST.')
    const asked = readStates(await request.text())
    if (asked === null) return refused(400, 'Send JSON with description and providerStates.')
    const found = findMessage(asked)
    if (!found.ok) return refused(404, found.refusal)
    const { subject, headers, body } = found.value
    const contentType = headers['ce-datacontenttype'] ?? 'application/json'
    const metadata = JSON.stringify({ ...headers, subject, contentType })
    return new Response(new Uint8Array(body), {
      headers: {
        'content-type': contentType,
        'pact-message-metadata': Buffer.from(metadata).toString('base64'),
      },
    })
  }

const refused = (status: number, sentence: string): Response =>
  new Response(`${sentence}\n`, { status, headers: TEXT })

const readStates = (text: string): readonly ProviderState[] | null => {
  if (text.length > BODY_LIMIT) return null
  try {
    const { providerStates = [] } = JSON.parse(text)
    return Array.isArray(providerStates) ? providerStates.map(readState) : null
  } catch {
    return null
  }
}

const readState = (state: unknown): ProviderState => {
  const { name, params } = Object(state)
  return { name: String(name ?? ''), parameters: { ...Object(params) } }
}
