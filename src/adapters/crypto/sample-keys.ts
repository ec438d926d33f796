// The x coordinates of P-256 keys whose private half everybody can read.
const SAMPLES: ReadonlySet<string> = new Set([
  'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', // RFC 7515 A.3
  'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4', // RFC 7517 A.1 and A.2
  'gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0', // RFC 7518 C, Alice
  'weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ', // RFC 7518 C, Bob
  'YP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Y', // RFC 6979 A.2.5
  'EVs_o5-uQbTjL3chynL4wXgUg2R9q9UU8I5mEovUf84', // the ES256 example of jwt.io
  'axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY', // the curve's base point: the private key 1
])

/** True for a key printed in a standard or a tutorial. */
export const isSampleKey = (x: string): boolean => SAMPLES.has(x)
