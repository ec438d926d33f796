export type ProviderName = 'google' | 'facebook' | 'line'

/** What a call is about. The places are the same for all three providers. */
export type Place = 'discovery' | 'keys' | 'authorize' | 'token' | 'profile' | 'verify'
