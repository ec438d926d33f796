const IP_ADDRESS = /^[\d.]+$|^\[/

/** The host of an address as reverse DNS: `com.example.auth` for https://auth.example.com. An IP address stays as it is. */
export const reverseDns = (publicUrl: string): string => {
  const { hostname } = new URL(publicUrl)
  if (IP_ADDRESS.test(hostname)) return hostname.replace(/^\[|\]$/g, '')
  return hostname.split('.').filter(Boolean).toReversed().join('.')
}
