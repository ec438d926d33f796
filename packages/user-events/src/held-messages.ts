import type { JsMsg } from 'nats'

export type HeldMessages = {
  hold(message: JsMsg): void
  /** The last word about a message, `message.ack()` say. */
  settle(message: JsMsg, word: (message: JsMsg) => void): void
  /** Gives back what is still held, to be delivered again at once, to another instance perhaps. */
  giveBack(): void
}

/**
 * What this process has been given and has not answered for. The server hears of each within its ack wait that somebody
 * works on it, also while it waits for its turn.
 */
export const makeHeldMessages = (
  ackWaitSeconds: number,
  failed: (fault: unknown) => void,
): HeldMessages => {
  const held = new Set<JsMsg>()
  const say = (message: JsMsg, word: (message: JsMsg) => void): void => {
    try {
      word(message)
    } catch (fault) {
      failed(fault)
    }
  }
  const timer = setInterval(
    () => {
      for (const message of held) say(message, (one) => one.working())
    },
    (ackWaitSeconds * 1000) / 3,
  )
  return {
    hold: (message) => {
      held.add(message)
    },
    settle: (message, word) => {
      if (held.delete(message)) say(message, word)
    },
    giveBack: () => {
      clearInterval(timer)
      for (const message of held) say(message, (one) => one.nak())
      held.clear()
    },
  }
}
