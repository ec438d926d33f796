import { failure } from './provider-fault.ts'

const MOST_BYTES = 1_048_576

/** The answer with its body in hand. Whatever was announced, no more than 1 MB is read (unpacked, if it came packed). */
export const boundedBody = async (response: Response): Promise<Response> => {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  const reader = response.body?.getReader()
  for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
    length += next.value.byteLength
    if (length > MOST_BYTES) {
      // Not waited for: its failure says no more than we know.
      reader?.cancel().catch(() => undefined)
      throw failure('the answer is larger than 1 MB')
    }
    chunks.push(new Uint8Array(next.value))
  }
  const { status, headers } = response
  const type = headers.get('content-type')
  return new Response(new Blob(chunks), {
    status,
    ...(type === null ? {} : { headers: { 'content-type': type } }),
  })
}
