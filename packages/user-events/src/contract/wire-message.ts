/** A message as NATS or HTTP carries it. Header names keep the case in which they were sent. */
export type WireMessage = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** A header by its name, in any case, because HTTP sends names in lower case. */
export const headerOf = ({ headers }: WireMessage, name: string): string | undefined => {
  const exact = headers[name]
  if (exact !== undefined) return exact
  const wanted = name.toLowerCase()
  return Object.entries(headers).find(([present]) => present.toLowerCase() === wanted)?.[1]
}
