// Apart from provider.ts, because the files that it imports need these two names.

export type ProviderName = 'google' | 'facebook' | 'line'

/** The kind of endpoint that a request is for. It is the same for all three providers. */
export type Endpoint = 'discovery' | 'keys' | 'authorize' | 'token' | 'profile' | 'verify'
