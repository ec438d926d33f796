declare module 'unicode-confusables' {
  /** Replaces each confusable code point by its prototype (UTS #39 §4) and drops zero-width ones. */
  export const rectifyConfusion: (text: string) => string
}
