/** A value that does not print: whoever needs it must say so. */
export type Secret<T = string> = {
  reveal(): T
  toString(): string
  toJSON(): string
}

const HIDDEN = '[secret]'
const hide = () => HIDDEN

/** Logs, templates, JSON and the inspectors of Node, Bun and Deno show `[secret]`. */
export const makeSecret = <T>(value: T): Secret<T> =>
  Object.freeze({
    reveal: () => value,
    toString: hide,
    toJSON: hide,
    [Symbol.toPrimitive]: hide,
    [Symbol.for('nodejs.util.inspect.custom')]: hide,
    [Symbol.for('Deno.customInspect')]: hide,
  })
