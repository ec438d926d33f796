/** A message as it travels, whatever carries it. Names of headers have the case that they were sent with. */
export type WireMessage = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** A header by its name, in any case: HTTP has it in lower case. */
export const headerOf = ({ headers }: WireMessage, name: string): string | undefined => {
  const exact = headers[name]
  if (exact !== undefined) return exact
  const wanted = name.toLowerCase()
  return Object.entries(headers).find(([present]) => present.toLowerCase() === wanted)?.[1]
}
