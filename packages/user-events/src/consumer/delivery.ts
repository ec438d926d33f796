import type { JsMsg, MsgHdrs } from 'nats'
import type { WireMessage } from '../contract/wire-message.ts'

/** One message as it was delivered to this process. */
export type Delivery = {
  readonly wire: WireMessage
  readonly subject: string
  readonly stream: string
  readonly sequence: number
  /** 1 for the first delivery of the message. */
  readonly delivery: number
  readonly arrivedAtMs: number
  readonly message: JsMsg
}

export const deliveryOf = (message: JsMsg, arrivedAtMs: number): Delivery => ({
  wire: { headers: headersOf(message.headers), body: message.data },
  subject: message.subject,
  stream: message.info.stream,
  sequence: message.info.streamSequence,
  delivery: message.info.deliveryCount,
  arrivedAtMs,
  message,
})

/** Several values of one name are joined, as in HTTP. */
export const headersOf = (headers: MsgHdrs | undefined): Record<string, string> =>
  Object.fromEntries([...(headers ?? [])].map(([name, values]) => [name, values.join(', ')]))

/** The `err_code` of a JetStream answer, whose text is for people only. Null for any other fault. */
export const apiErrorCode = (fault: unknown): unknown =>
  fault instanceof Error && 'api_error' in fault
    ? (fault.api_error as { readonly err_code?: unknown } | undefined)?.err_code
    : null
